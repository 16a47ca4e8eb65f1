import { bitLength } from '@sp/quant/numeric';
import type { WireType } from './cell.ts';

/** Integers from `lo` to `hi`. */
export interface Range {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** The narrowest wire for a range, of at least one bit. */
export function wireType({ lo, hi }: Range): WireType {
  const signed = lo < 0n;
  const bits = Math.max(bitLength(hi > 0n ? hi : 0n), signed ? bitLength(-lo - 1n) : 0);
  return { width: Math.max(1, bits + (signed ? 1 : 0)), signed };
}

/** What a wire can hold. */
export function wireRange({ width, signed }: WireType): Range {
  const top = 1n << BigInt(signed ? width - 1 : width);
  return { lo: signed ? -top : 0n, hi: top - 1n };
}

/** The smallest range that contains all of them. */
export function hullOf(ranges: readonly Range[]): Range {
  let [{ lo, hi }] = ranges;
  for (const range of ranges) {
    if (range.lo < lo) lo = range.lo;
    if (range.hi > hi) hi = range.hi;
  }
  return { lo, hi };
}

/** Integers that a word of one bit can be. */
export const BIT: Range = { lo: 0n, hi: 1n };

/** The smaller of two integers. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two integers. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
