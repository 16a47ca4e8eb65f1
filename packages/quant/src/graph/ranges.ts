/**
 * Exact interval arithmetic over the values of a graph: for every element (or group of elements that behave alike) the
 * smallest and largest code it can take, and the fraction bits of these codes.
 *
 * Ranges have the shape of a format table: 1 in every dimension whose elements share one interval.
 */
import { codeRange, minimalFormat } from '../format/code-range.ts';
import type { FormatTable, OverflowMode } from '../format/format.ts';
import { broadcastIndices, formatAt, sizeOf } from '../format/format-table.ts';

/** Intervals `lo … hi` of codes with `f` fraction bits, row-major over `shape`. */
export interface Ranges {
  readonly shape: readonly number[];
  readonly lo: readonly bigint[];
  readonly hi: readonly bigint[];
  readonly f: readonly number[];
}

/** One interval. */
export interface Interval {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly f: number;
}

/** Only the value 0; its `f` says nothing. */
export const ZERO: Interval = { lo: 0n, hi: 0n, f: 0 };

/** True when the interval holds nothing but 0. */
export function isZero(interval: Interval): boolean {
  return interval.lo === 0n && interval.hi === 0n;
}

/** Entry `index` of the ranges themselves. */
export function rangeAt(ranges: Ranges, index: number): Interval {
  return { lo: ranges.lo[index], hi: ranges.hi[index], f: ranges.f[index] };
}

/** Ranges from intervals in row-major order of `shape`. */
export function rangesOf(shape: readonly number[], intervals: readonly Interval[]): Ranges {
  return {
    shape,
    lo: intervals.map(({ lo }) => lo),
    hi: intervals.map(({ hi }) => hi),
    f: intervals.map(({ f }) => f),
  };
}

/** Everything the formats can hold. */
export function formatRanges(table: FormatTable, overflow: OverflowMode = 'WRAP'): Ranges {
  return rangesOf(
    table.shape,
    Array.from({ length: sizeOf(table.shape) }, (_, j) => {
      const format = formatAt(table, j);
      return { ...codeRange(format, overflow), f: format.f };
    }),
  );
}

/** The narrowest formats that hold the ranges. */
export function minimalFormats(ranges: Ranges): FormatTable {
  const formats = ranges.lo.map((lo, j) => minimalFormat(lo, ranges.hi[j], ranges.f[j]));
  return {
    shape: [...ranges.shape],
    k: formats.map(({ k }) => k),
    i: formats.map(({ i }) => i),
    f: formats.map(({ f }) => f),
  };
}

/** The same interval with codes of `f` fraction bits, `f` at least its own unless it is 0. */
export function aligned(interval: Interval, f: number): Interval {
  if (isZero(interval)) return { lo: 0n, hi: 0n, f };
  const shift = BigInt(f - interval.f);
  return { lo: interval.lo << shift, hi: interval.hi << shift, f };
}

/** Most fraction bits among the intervals that are not just 0; `otherwise` when all are. */
export function commonF(intervals: Iterable<Interval>, otherwise = 0): number {
  let f: number | undefined;
  for (const interval of intervals) {
    if (!isZero(interval) && (f === undefined || interval.f > f)) f = interval.f;
  }
  return f ?? otherwise;
}

/** The smallest interval that contains all of them; `ZERO` for none. */
export function hull(intervals: readonly Interval[]): Interval {
  if (intervals.length === 0) return ZERO;
  const f = commonF(intervals, intervals[0].f);
  let { lo, hi } = aligned(intervals[0], f);
  for (const interval of intervals) {
    const other = aligned(interval, f);
    if (other.lo < lo) lo = other.lo;
    if (other.hi > hi) hi = other.hi;
  }
  return { lo, hi, f };
}

/** The interval with 0 in it. */
export function withZero(interval: Interval): Interval {
  return { lo: min(interval.lo, 0n), hi: max(interval.hi, 0n), f: interval.f };
}

/** The interval times a non-negative count. */
export function times(interval: Interval, count: bigint): Interval {
  return { lo: interval.lo * count, hi: interval.hi * count, f: interval.f };
}

/** Largest magnitude of the codes in an interval. */
export function magnitude(interval: Interval): bigint {
  return max(-interval.lo, interval.hi);
}

/** Largest magnitude of the codes in the ranges. */
export function largest(ranges: Ranges): bigint {
  let bound = 0n;
  for (let j = 0; j < ranges.lo.length; j++) bound = max(bound, magnitude(rangeAt(ranges, j)));
  return bound;
}

/** One interval per element of `shape`. */
export function expandRanges(ranges: Ranges, shape: readonly number[]): Interval[] {
  const all = ranges.lo.map((_, j) => rangeAt(ranges, j));
  return Array.from(broadcastIndices(ranges.shape, shape), (index) => all[index]);
}

/** Shape that two ranges or tables of these shapes have in common: in each dimension the larger one. */
export function commonShape(a: readonly number[], b: readonly number[]): number[] {
  return a.map((length, d) => Math.max(length, b[d]));
}

/** The smaller of two integers. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two integers. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
