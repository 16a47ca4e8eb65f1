/**
 * Input reduction without a search: the rank of every active pixel is the number of active pixels before it, and slot s takes the pixel of rank s.
 *
 * A row is cut into groups of eight neighbours. Eight consecutive ranks differ in their lowest three bits, so inside a group each active pixel goes to the lane
 * of that number without collision. Lane l of all groups then meets slots l, l + 8, …: a slot takes from each group the lane that has its
 * rank, by and-or. Ranks are kept modulo the next power of two above the number of slots, together with a bit that says "beyond".
 *
 * With an interval above 1 the rows come in parts; a running count carries the rank over, and slots are gathered over the phases.
 */
import type { ReduceNode } from '@sp/quant';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { bitLength, wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, denseInput, elementRanges } from './block.ts';
import { sameScale } from './chunks.ts';
import { padded } from './padded.ts';
import type { ListSignals, Slot } from './value.ts';

/** Pixels of a group, and lanes. */
const GROUP = 8;
/** And-or pairs in one LUT. */
const PAIRS = 3;

/** A count modulo a power of two, and whether it is beyond. */
interface Count {
  readonly low: Signal;
  readonly over: Signal;
}

export function reduceBlock(context: BlockContext<ReduceNode>): ListSignals {
  const { b, node, inferred, inputs } = context;
  const [height, width, channels] = inputs[0].inferred.shape;
  const { slots, threshold } = node;
  const input = denseInput(context);
  const ranges = elementRanges(inferred);
  const own = elementRanges(inputs[0].inferred);
  const chunks = input.chunks !== undefined && sameScale(own, input.chunks) ? input.chunks : undefined;
  const { phases, perClock, elements } = chunks ?? { phases: 1, perClock: height, elements: input.elements };
  // Codes of a channel on one scale; pixels beyond the image are never active.
  const size = width * channels;
  const rows = Array.from({ length: perClock }, (_, r) =>
    elements.slice(r * size, (r + 1) * size).map((x, j) => {
      // Of the elements that share these wires, any that is not always 0 knows the scale.
      const live = own.filter((range, e) => e % (perClock * size) === r * size + j && !isConstant(range));
      return live.length === 0 ? b.constant(0) : b.shift(x, live[0].f - ranges[j % channels].f);
    }),
  );
  const present = rows.map((_, r) =>
    phases * perClock === height || r < height - (phases - 1) * perClock
      ? b.constant(1)
      : b.not(b.phaseBit(0, phases - 1)),
  );
  const outputs = b.instance(
    {
      name: node.name,
      key: JSON.stringify([node.name, threshold]),
      comment: [
        `${node.name}: first ${slots} pixels above ${threshold} of ${height} x ${width}${phases > 1 ? `, ${perClock} rows per clock` : ''}`,
      ],
      build: (m, flat) => reduceModule(m, flat, context, { phases, perClock, size, chunked: chunks !== undefined }),
    },
    [...present, ...rows.flat()],
  );
  const per = 3 + channels;
  return {
    kind: 'list',
    order: 'raster',
    slots: Array.from({ length: slots }, (_, s): Slot => {
      const [valid, row, col, ...codes] = outputs.slice(s * per, (s + 1) * per);
      return { valid, row, col, codes: codes.map((code, c) => b.narrow(code, ranges[c])) };
    }),
  };
}

interface Form {
  readonly phases: number;
  readonly perClock: number;
  readonly size: number;
  readonly chunked: boolean;
}

function reduceModule(
  m: ModuleBuilder,
  flat: readonly Signal[],
  { node, inputs }: BlockContext<ReduceNode>,
  { phases, perClock, size, chunked }: Form,
): Signal[] {
  const [height, width, channels] = inputs[0].inferred.shape;
  const { slots, threshold } = node;
  const bits = bitLength(BigInt(slots));
  const present = flat.slice(0, perClock);
  const rows = Array.from({ length: perClock }, (_, r) => flat.slice(perClock + r * size, perClock + (r + 1) * size));
  const groups = Math.ceil(width / GROUP);

  // Active pixels, and how many of them there are in each group.
  const counted = m.instances(
    {
      name: `${node.name}_count`,
      key: JSON.stringify([node.name, threshold, 'count']),
      comment: [`active pixels of a row: codes above ${threshold}; and their number in each group of ${GROUP}`],
      build: (c, [on, ...codes]) => {
        const active = Array.from({ length: width }, (_, x) =>
          c.and([on, c.less(c.constant(threshold), codes[x * channels])]),
        );
        const counts = Array.from({ length: groups }, (_, g) => ones(c, active.slice(g * GROUP, (g + 1) * GROUP)));
        return [...active, ...counts];
      },
    },
    rows.map((row, r) => [present[r], ...row]),
  );
  const active = counted.map((row) => row.slice(0, width));
  const counts = counted.map((row) => row.slice(width));

  // Number of active pixels before each group: within its row, in the rows before, in the phases before.
  const short = (x: Signal): Count => ({
    low: m.bits(x, 0, bits),
    over: m.any(m.shift(x, bits)),
  });
  const inRow = counts.map((row) => exclusive(m, row.map(short), bits));
  const before = exclusive(
    m,
    inRow.map(({ total }) => total),
    bits,
  );
  const start =
    phases === 1 ? undefined : short(m.runningSum(m.sum(counts.flat()), bitLength(BigInt(height * width)), 'seen'));
  const bases = inRow.map(({ prefix }, r) => {
    const rowBase = start === undefined ? before.prefix[r] : plus(m, start, before.prefix[r], bits);
    return prefix.map((count) => plus(m, rowBase, count, bits));
  });

  // Each row sorts its pixels into lanes and these into slots, as several words to be joined.
  const sorted = m.instances(
    {
      name: `${node.name}_row`,
      comment: [
        `pixels of a row by rank: per slot and ${PAIRS} groups {valid, group, offset} and the codes, 0 where the row has none`,
      ],
      build: (c, ports) => {
        const activeIn = ports.slice(0, width);
        const codes = ports.slice(width, width + size);
        const base = Array.from({ length: groups }, (_, g): Count => {
          const [low, over] = ports.slice(width + size + 2 * g);
          return { low, over };
        });
        return sortRow(c, activeIn, codes, base, { slots, bits, channels });
      },
    },
    rows.map((row, r) => [...active[r], ...row, ...bases[r].flatMap(({ low, over }) => [low, over])]),
  );

  // All rows together.
  const words = 1 + channels;
  const parts = Math.ceil(groups / PAIRS);
  const groupBits = bitLength(BigInt(groups - 1));
  return Array.from({ length: slots }, (_, s) => {
    const of = (r: number, part: number): readonly Signal[] =>
      sorted[r].slice((s * parts + part) * words, (s * parts + part + 1) * words);
    const places: Signal[] = [];
    const rowMarks: Signal[] = [];
    const codes: Signal[][] = Array.from({ length: channels }, () => []);
    for (let r = 0; r < perClock; r++) {
      for (let part = 0; part < parts; part++) {
        const [place, ...values] = of(r, part);
        places.push(place);
        const valid = m.bit(place, groupBits + 3);
        const row = chunked
          ? m.serialise(
              Array.from({ length: phases }, (_, p) => m.constant(Math.min(p * perClock + r, height - 1))),
              valid.stage,
            )
          : m.constant(r);
        rowMarks.push(m.gate(valid, row));
        for (const [c, value] of values.entries()) codes[c].push(value);
      }
    }
    const join = (list: readonly Signal[], name: string): Signal => {
      const one = m.constant(1);
      const joined = joinWords(
        m,
        list.filter((x) => !isConstant(x)).map((x) => [one, x]),
        name,
      );
      return chunked ? m.gather(joined, phases, name) : joined;
    };
    const place = join(places, `place_${s}`);
    const row = join(rowMarks, `row_${s}`);
    const col = m.bits(place, 0, groupBits + 3);
    return [
      m.bits(place, groupBits + 3, 1, false, `valid_${s}`),
      m.narrow(row, { lo: 0n, hi: BigInt(height - 1) }),
      m.narrow(col, { lo: 0n, hi: BigInt(width - 1) }, `col_${s}`),
      ...codes.map((list, c) => join(list, `code_${s}_${c}`)),
    ];
  }).flat();
}

/** Or of words. */
function joinWords(m: ModuleBuilder, pairs: readonly (readonly [Signal, Signal])[], name: string): Signal {
  if (pairs.length === 0) return m.constant(0);
  return m.select(pairs, name);
}

/** Number of set bits. */
function ones(m: ModuleBuilder, flags: readonly Signal[]): Signal {
  const live = flags.filter((flag) => !(isConstant(flag) && flag.lo === 0n));
  if (live.length <= 1) return live[0] ?? m.constant(0);
  const word = m.cat([...live].reverse());
  const values = Array.from({ length: 2 ** live.length }, (_, j) => BigInt(j.toString(2).replaceAll('0', '').length));
  return m.table(word, values);
}

function plus(m: ModuleBuilder, a: Count, b: Count, bits: number): Count {
  const sum = m.add(a.low, b.low);
  const low = wireType(sum).width > bits ? m.bits(sum, 0, bits) : sum;
  return { low, over: m.or([a.over, b.over, m.any(m.shift(sum, bits))]) };
}

/** Sums of all counts before each one, in ⌈log2⌉ steps; and of all of them. */
function exclusive(m: ModuleBuilder, counts: readonly Count[], bits: number): { prefix: Count[]; total: Count } {
  const zero: Count = { low: m.constant(0), over: m.constant(0) };
  const inclusive = [...counts];
  for (let step = 1; step < inclusive.length; step *= 2) {
    // Sklansky: the second half of every block of 2 · step takes the last sum of the first half.
    for (let j = 0; j < inclusive.length; j++) {
      if ((j & step) === 0) continue;
      inclusive[j] = plus(m, inclusive[(j & ~(step - 1)) - 1], inclusive[j], bits);
    }
  }
  return { prefix: [zero, ...inclusive.slice(0, -1)], total: inclusive[inclusive.length - 1] };
}

/** Per slot and part of a row: the place of the pixel of that rank, and its codes. */
function sortRow(
  c: ModuleBuilder,
  active: readonly Signal[],
  codes: readonly Signal[],
  bases: readonly Count[],
  { slots, bits, channels }: { slots: number; bits: number; channels: number },
): Signal[] {
  const groups = bases.length;
  const groupBits = bitLength(BigInt(groups - 1));
  const lanes = bases.map((base, g) => {
    const from = g * GROUP;
    const pixels = active.slice(from, from + GROUP);
    // Lowest three bits of the rank of each pixel, were it active.
    const low = wireType(base.low).width > 3 ? c.bits(base.low, 0, 3) : base.low;
    const match = pixels.map((_, j) => {
      const index = c.cat([...padded(c, low, 3), ...padded(c, ones(c, pixels.slice(0, j)), 3)]);
      return Array.from({ length: GROUP }, (__, lane) =>
        c.table(
          index,
          Array.from({ length: 64 }, (___, at) => (((at >> 3) + (at & 7)) % GROUP === lane ? 1n : 0n)),
        ),
      );
    });
    const payload = pixels.map((on, j) => {
      const place = c.cat([on, ...bitsOf(c, g, groupBits, on), ...bitsOf(c, j, 3, on)]);
      const values = Array.from({ length: channels }, (_, ch) => c.gate(on, codes[(from + j) * channels + ch]));
      return [place, ...values];
    });
    return Array.from({ length: Math.min(GROUP, slots) }, (_, lane) =>
      payload[0].map((__, field) => c.select(payload.map((words, j) => [match[j][lane], words[field]]))),
    );
  });
  const outputs: Signal[] = [];
  for (let s = 0; s < slots; s++) {
    const lane = s % GROUP;
    for (let from = 0; from < groups; from += PAIRS) {
      const some = bases.slice(from, from + PAIRS);
      const hits = some.map(({ low, over }) => {
        const index = c.cat([over, ...padded(c, low, bits)]);
        // Rank of what stands in this lane: the first number from the base on that ends like the lane.
        return c.table(
          index,
          Array.from({ length: 2 ** (bits + 1) }, (_, at) => {
            const base = at % 2 ** bits;
            return at < 2 ** bits && base + ((lane - base + GROUP * 2 ** bits) % GROUP) === s ? 1n : 0n;
          }),
        );
      });
      for (let field = 0; field < 1 + channels; field++) {
        outputs.push(c.select(hits.map((hit, j) => [hit, lanes[from + j][lane][field]])));
      }
    }
  }
  return outputs;
}

/** The bits of a constant where `on` is set, highest first. */
function bitsOf(c: ModuleBuilder, value: number, count: number, on: Signal): Signal[] {
  return Array.from({ length: count }, (_, j) => ((value >> (count - 1 - j)) & 1 ? on : c.constant(0)));
}
