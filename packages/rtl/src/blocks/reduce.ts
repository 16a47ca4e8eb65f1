/**
 * Input reduction without a search: the rank of every active pixel is the number of active pixels before it, and slot s takes the pixel of rank s.
 *
 * Prefix counts give every row the rank of its first pixel, kept modulo a power of two above the number of slots, together with a bit that says "beyond". Rows
 * sort their own pixels (`sortRow`); a slot is the or of what the rows have for it.
 *
 * With an interval above 1 the rows come in parts; a running count carries the rank over, and slots are gathered over the phases.
 */
import type { ReduceNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import type { ModuleBuilder } from '../hdl/module-builder.ts';

import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, denseInput, elementRanges } from './block.ts';
import { sameScale } from './chunks.ts';
import { type Count, countOf, exclusive, plus } from './reduce-rank.ts';
import { countRow, flatCounts, rowCounts, rowShape, sortRow } from './reduce-row.ts';
import type { ListSignals, Slot } from './value.ts';

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
  const shape = rowShape(width, channels, slots, threshold);
  const { bits, parts, depth, groups } = shape;
  const present = flat.slice(0, perClock);
  const rows = Array.from({ length: perClock }, (_, r) => flat.slice(perClock + r * size, perClock + (r + 1) * size));

  const counted = m
    .instances(
      {
        name: `${node.name}_count`,
        key: JSON.stringify([node.name, threshold, 'count']),
        comment: [
          `active pixels of a row: codes above ${threshold}; how many there are in the row, before each of its ${groups} groups, and before each four pixels`,
        ],
        build: (c, [on, ...codes]) => flatCounts(countRow(c, on, codes, shape)),
      },
      rows.map((row, r) => [present[r], ...row]),
    )
    .map((list) => rowCounts(list, shape));

  // Active pixels before each row and behind the last: in the rows before, in the phases before.
  const totals = counted.map(({ total }) => total);
  const none: Count = { low: m.constant(0), over: m.constant(0) };
  const sum = (a: Count, b: Count): Count => plus(m, a, b, bits);
  const inPhase = exclusive(
    totals.map((total) => countOf(m, total, bits)),
    none,
    sum,
  );
  const earlier =
    phases === 1 ? undefined : countOf(m, m.runningSum(m.sum(totals), bitLength(BigInt(height * width)), 'seen'), bits);
  const starts = [...inPhase.before, inPhase.all].map((count) => (earlier === undefined ? count : sum(earlier, count)));

  const sorted = m.instances(
    {
      name: `${node.name}_row`,
      comment: [
        `pixels of a row by rank, through ${depth} levels of lanes: per slot${parts > 1 ? ' and part' : ''} valid, place and codes, 0 where the row has none`,
      ],
      build: (c, ports) => {
        const [low, over, endLow, endOver] = ports;
        const codes = ports.slice(4, 4 + size);
        const [active, rest] = [ports.slice(4 + size, 4 + size + width), ports.slice(4 + size + width)];
        const own = { active, before: rest.slice(0, groups), offsets: rest.slice(groups) };
        return sortRow(
          c,
          codes,
          own,
          [
            { low, over },
            { low: endLow, over: endOver },
          ],
          shape,
        );
      },
    },
    rows.map((row, r) => [
      ...[starts[r], starts[r + 1]].flatMap(({ low, over }) => [low, over]),
      ...row,
      ...counted[r].active,
      ...counted[r].before,
      ...counted[r].offsets,
    ]),
  );

  // All rows together.
  const words = 2 + channels;
  return Array.from({ length: slots }, (_, s) => {
    const found = sorted.flatMap((row, r) =>
      Array.from({ length: parts }, (__, part) => {
        const [valid, place, ...codes] = row.slice((s * parts + part) * words, (s * parts + part + 1) * words);
        return { r, valid, place, codes };
      }),
    );
    const join = (list: readonly Signal[], name: string): Signal => {
      const one = m.constant(1);
      const joined = m.select(
        list.filter((x) => !isConstant(x)).map((x) => [one, x]),
        name,
      );
      return chunked ? m.gather(joined, phases, name) : joined;
    };
    const rowMarks = found.map(({ r, valid }) => {
      const numbers = Array.from({ length: phases }, (__, p) => m.constant(Math.min(p * perClock + r, height - 1)));
      return m.gate(valid, chunked ? m.serialise(numbers, valid.stage) : m.constant(r));
    });
    const place = join(
      found.map((one) => one.place),
      `col_${s}`,
    );
    return [
      join(
        found.map(({ valid }) => valid),
        `valid_${s}`,
      ),
      m.narrow(join(rowMarks, `row_${s}`), { lo: 0n, hi: BigInt(height - 1) }),
      m.narrow(place, { lo: 0n, hi: BigInt(width - 1) }),
      ...Array.from({ length: channels }, (__, c) =>
        join(
          found.map(({ codes }) => codes[c]),
          `code_${s}_${c}`,
        ),
      ),
    ];
  }).flat();
}
