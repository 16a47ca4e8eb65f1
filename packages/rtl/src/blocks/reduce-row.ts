/**
 * One row of the input reduction: its active pixels, their ranks, and the way of each to the slot of its rank.
 *
 * Four neighbours have at most four active pixels, whose ranks differ in their lowest two bits: each of four **lanes** takes the one whose rank ends like its
 * number, by a multiplexer of four, which is one LUT per bit. Four such groups then meet in sixteen lanes of 16 pixels in the same way, and so on while lanes are few
 * beside the slots. A lane without a pixel holds any other: a slot only looks at the lane of its number in the group whose ranks include its own.
 */

import { bitLength } from '@sp/quant/numeric';
import type { ModuleBuilder } from '../hdl/module-builder.ts';

import type { Signal } from '../hdl/signal.ts';
import { padded } from './padded.ts';
import { type Count, exclusive, lowBits, ones, plus } from './reduce-rank.ts';

/** Smaller groups in a larger one, and inputs that a LUT can choose from. */
const RADIX = 4;
/** And-or pairs in one LUT. */
const PAIRS = 3;

/** How the pixels of a row find their slots. */
export interface RowShape {
  readonly width: number;
  readonly channels: number;
  readonly slots: number;
  readonly threshold: number;
  /** Levels of multiplexers: groups are of `4^depth` pixels. */
  readonly depth: number;
  /** Bits of a rank; what needs more is beyond all slots. */
  readonly bits: number;
  /** Groups in a row, bits of their number, and the parts in which a row's pixels are joined. */
  readonly groups: number;
  readonly groupBits: number;
  readonly parts: number;
}

/**
 * The shape for a row. Another level takes a LUT per bit and pixel, and saves slots `3 / 4` of their and-or pairs: worth it where there are several slots per lane.
 */
export function rowShape(width: number, channels: number, slots: number, threshold: number): RowShape {
  let depth = 1;
  while (slots > 3.3 * RADIX ** depth && width > RADIX ** depth) depth++;
  const groups = Math.ceil(width / RADIX ** depth);
  return {
    width,
    channels,
    slots,
    threshold,
    depth,
    bits: Math.max(bitLength(BigInt(slots)), 2 * depth),
    groups,
    groupBits: bitLength(BigInt(groups - 1)),
    parts: Math.ceil(groups / PAIRS),
  };
}

/** What is counted in a row. */
export interface RowCounts {
  readonly active: readonly Signal[];
  /** Active pixels of the row, and of the row before each group. */
  readonly total: Signal;
  readonly before: readonly Signal[];
  /** Active pixels of the row before each four pixels, modulo the lanes of a group. */
  readonly offsets: readonly Signal[];
}

/** Active pixels of a row of codes, and their numbers. */
export function countRow(m: ModuleBuilder, on: Signal, codes: readonly Signal[], shape: RowShape): RowCounts {
  const { width, channels, threshold, depth } = shape;
  const active = Array.from({ length: width }, (_, x) =>
    m.and([on, m.less(m.constant(threshold), codes[x * channels])]),
  );
  const add = (a: Signal, b: Signal): Signal => m.add(a, b);
  const fours = chunked(active, RADIX).map((pixels) => ones(m, pixels));
  const inGroup = chunked(fours, RADIX ** (depth - 1)).map((list) => exclusive(list, m.constant(0), add));
  const inRow = exclusive(
    inGroup.map(({ all }) => all),
    m.constant(0),
    add,
  );
  const offsets = inGroup.flatMap(({ before }, g) =>
    before.map((count) => lowBits(m, m.add(count, inRow.before[g]), 2 * depth)),
  );
  return { active, total: inRow.all, before: inRow.before, offsets };
}

/** Signals of counts in one list. */
export function flatCounts({ active, total, before, offsets }: RowCounts): Signal[] {
  return [...active, total, ...before, ...offsets];
}

/** The counts whose signals stand after each other. */
export function rowCounts(flat: readonly Signal[], { width, groups }: RowShape): RowCounts {
  const [total, ...rest] = flat.slice(width);
  return { active: flat.slice(0, width), total, before: rest.slice(0, groups), offsets: rest.slice(groups) };
}

/**
 * Per slot and part of the row `[valid, place, code of each channel]` of the pixel of that rank, 0 where that part has none. The place is group and
 * position in it, so the column.
 *
 * @param start rank of the first active pixel of the row, and of the first behind it
 */
export function sortRow(
  m: ModuleBuilder,
  codes: readonly Signal[],
  { active, before, offsets }: Omit<RowCounts, 'total'>,
  [start, end]: readonly [Count, Count],
  shape: RowShape,
): Signal[] {
  const { channels, slots, depth, bits, groups, parts } = shape;
  const bases = before.map((low) => plus(m, start, { low, over: m.constant(0) }, bits));
  const ranks = offsets.map((offset) => lowBits(m, m.add(start.low, offset), 2 * depth));
  const lanes = lanesOf(m, active, codes, ranks, shape);
  // Whether what stands before a group is at most the slot's number: the slot is in the last such group, unless it is behind the row.
  const reached = [...bases, end].map(({ low, over }) => {
    const word = m.cat([over, ...padded(m, low, bits)]);
    return Array.from({ length: slots }, (_, s) => m.less(word, m.constant(s + 1)));
  });
  return Array.from({ length: slots }, (_, s) => {
    const hits = Array.from({ length: groups }, (__, g) => m.and([reached[g][s], m.not(reached[g + 1][s])]));
    return Array.from({ length: parts }, (__, part) => {
      const own = hits.slice(part * PAIRS, (part + 1) * PAIRS).map((hit, j) => ({ hit, g: part * PAIRS + j }));
      const laneOf = (g: number): Lane => lanes[g][s % RADIX ** depth];
      const group = m.select(own.map(({ hit, g }) => [hit, m.constant(g)]));
      const inside = m.select(own.map(({ hit, g }) => [hit, laneOf(g).place]));
      return [
        m.or(own.map(({ hit }) => hit)),
        m.cat([...padded(m, group, shape.groupBits), ...padded(m, inside, 2 * depth)]),
        ...Array.from({ length: channels }, (___, c) => m.select(own.map(({ hit, g }) => [hit, laneOf(g).codes[c]]))),
      ];
    }).flat();
  }).flat();
}

/** The pixel in a lane: where in its group it stands, and its codes. */
interface Lane {
  readonly place: Signal;
  readonly codes: readonly Signal[];
}

/** The lanes of every group. */
function lanesOf(
  m: ModuleBuilder,
  active: readonly Signal[],
  codes: readonly Signal[],
  ranks: readonly Signal[],
  { channels, depth }: RowShape,
): readonly (readonly Lane[])[] {
  let groups = ranks.map((rank, i): Lane[] => {
    const pixels = active.slice(i * RADIX, (i + 1) * RADIX);
    const index = m.cat([...[...pixels].reverse(), ...padded(m, lowBits(m, rank, 2), 2)]);
    return Array.from({ length: RADIX }, (_, lane) => {
      const place = m.table(
        index,
        Array.from({ length: RADIX * 2 ** pixels.length }, (__, at) => {
          const set = pixels.flatMap((___, j) => ((at >> (2 + j)) & 1 ? [j] : []));
          return BigInt(set.find((___, k) => ((at % RADIX) + k) % RADIX === lane) ?? 0);
        }),
      );
      const of = (c: number): Signal[] => pixels.map((_, j) => codes[(i * RADIX + j) * channels + c]);
      return { place, codes: Array.from({ length: channels }, (_, c) => m.choose(place, of(c))) };
    });
  });
  for (let level = 2; level <= depth; level++) groups = joined(m, groups, ranks, level);
  return groups;
}

/** Groups of four groups, with four times their lanes. */
function joined(
  m: ModuleBuilder,
  groups: readonly (readonly Lane[])[],
  ranks: readonly Signal[],
  level: number,
): Lane[][] {
  const count = RADIX ** (level - 1);
  const bits = 2 * level;
  return chunked(groups, RADIX).map((children, g) => {
    // What stands in lane k of a group has the first rank from the group's first one on that ends like k; here its next two bits. A group that has no
    // pixel there says the same as the next one that has, so that the last group which says the right thing is the one.
    const quarters = children.map((_, j) => {
      const rank = lowBits(m, ranks[(g * RADIX + j) * (count / RADIX)], bits);
      return Array.from({ length: count }, (__, k) =>
        m.table(
          m.cat(padded(m, rank, bits)),
          Array.from({ length: 2 ** bits }, (___, at) =>
            BigInt((Math.floor(at / count) + (k < at % count ? 1 : 0)) % RADIX),
          ),
        ),
      );
    });
    return Array.from({ length: RADIX * count }, (_, lane): Lane => {
      const [k, quarter] = [lane % count, Math.floor(lane / count)];
      const from = children.map((child) => child[k]);
      const which = lastOf(
        m,
        quarters.map((each) => each[k]),
        quarter,
      );
      return {
        place: m.cat([
          ...padded(m, which, 2),
          ...padded(
            m,
            m.choose(
              which,
              from.map(({ place }) => place),
            ),
            2 * (level - 1),
          ),
        ]),
        codes: from[0].codes.map((_, c) =>
          m.choose(
            which,
            from.map((each) => each.codes[c]),
          ),
        ),
      };
    });
  });
}

/** The last of several numbers below four that is `wanted`; 0 for none. */
function lastOf(m: ModuleBuilder, numbers: readonly Signal[], wanted: number): Signal {
  if (numbers.length === 1) return m.constant(0);
  const others = numbers.slice(1);
  const index = m.cat([...others].reverse().flatMap((x) => padded(m, x, 2)));
  return m.table(
    index,
    Array.from({ length: RADIX ** others.length }, (_, at) =>
      BigInt(1 + others.findLastIndex((__, j) => (at >> (2 * j)) % RADIX === wanted)),
    ),
  );
}

function chunked<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, j) => list.slice(j * size, (j + 1) * size));
}
