/** What dense layers and convolutions share: bringing operands to one scale, and exact ranges of weighted sums. */
import { NUMBER_BITS } from '../format/code-range.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import type { NodeFields, Weights } from '../graph/node.ts';
import { aligned, commonF, type Interval, isZero, max } from '../graph/ranges.ts';
import { allocateCodes, fitsNumbers } from '../interpret/values.ts';
import type { Codes } from '../quantize/quantize-array.ts';
import type { Inferred, Operand } from './definition.ts';

/** Bound of everything that is computed in plain numbers. */
export const SAFE: bigint = 1n << BigInt(NUMBER_BITS);

/** Whether a node is computed in plain numbers: proven by formats and ranges, never by looking at values. */
export function inNumbers(node: NodeFields, inputs: readonly Operand[], own: Inferred): boolean {
  return own.bound <= SAFE && fitsNumbers(node.format) && inputs.every((input) => fitsNumbers(input.node.format));
}

/** Operands brought to `f` fraction bits: code `j` is multiplied by `2^shift[j]`. */
export interface Alignment {
  readonly f: number;
  readonly shifts: readonly number[];
  /** No code needs a shift. */
  readonly trivial: boolean;
}

/** The coarsest common scale of the intervals. Those that hold only 0 have no say and no shift. */
export function alignment(intervals: readonly Interval[]): Alignment {
  const f = commonF(intervals);
  const shifts = intervals.map((interval) => (isZero(interval) ? 0 : f - interval.f));
  return { f, shifts, trivial: shifts.every((shift) => shift === 0) };
}

/** Codes of a batch after an alignment whose shifts repeat over it. */
export function alignCodes(codes: Codes, { shifts, trivial }: Alignment): Codes {
  if (trivial) return codes;
  const period = shifts.length;
  const wide = !(codes instanceof Float64Array);
  const factors = asNumbers(wide ? shifts.map((shift) => 1n << BigInt(shift)) : Float64Array.from(shifts, powerOfTwo));
  const result = allocateCodes(codes.length, wide);
  const from = asNumbers(codes);
  const to = asNumbers(result);
  for (let base = 0; base < to.length; base += period) {
    for (let j = 0; j < period; j++) to[base + j] = from[base + j] * factors[j];
  }
  return result;
}

/** Range of `Σ_j terms[j] · weights[j]`, and of the sums of some of its terms; all terms on one scale. */
export interface WeightedSum {
  lo: bigint;
  hi: bigint;
  /** Every sum of some of the terms: wider than `lo … hi` where a term cannot be 0, as then they may cancel only once all are there. */
  partial: { lo: bigint; hi: bigint };
}

/** A sum with no terms yet. */
export function emptySum(): WeightedSum {
  return { lo: 0n, hi: 0n, partial: { lo: 0n, hi: 0n } };
}

/** Adds `weight · term` to a sum's range. */
export function addTerm(sum: WeightedSum, weight: bigint, term: Interval): void {
  if (weight === 0n) return;
  const positive = weight > 0n;
  const lo = weight * (positive ? term.lo : term.hi);
  const hi = weight * (positive ? term.hi : term.lo);
  sum.lo += lo;
  sum.hi += hi;
  if (lo < 0n) sum.partial.lo += lo;
  if (hi > 0n) sum.partial.hi += hi;
}

/** Magnitude that no sum of some of the terms exceeds, in whatever order they are added. */
export function partialBound({ partial }: WeightedSum): bigint {
  return max(-partial.lo, partial.hi);
}

/** The interval that is always 1: a constant is a weight on it. */
export const ONE: Interval = { lo: 1n, hi: 1n, f: 0 };

/** Kernel and bias on the scale of the result. */
export interface ScaledWeights {
  /** Fraction bits of the result. */
  readonly f: number;
  readonly kernel: readonly bigint[];
  /** Zeros when there is none. */
  readonly bias: readonly bigint[];
}

/** Puts the products of inputs with `inputF` fraction bits and the bias on one scale. */
export function scaleWeights(
  kernel: Weights,
  bias: Weights | undefined,
  inputF: number,
  outputs: number,
): ScaledWeights {
  const productF = inputF + kernel.f;
  const biased = bias?.codes.some((code) => code !== 0) ?? false;
  const f = biased ? Math.max(productF, bias!.f) : productF;
  return {
    f,
    kernel: kernel.codes.map((code) => BigInt(code) << BigInt(f - productF)),
    bias: biased ? bias!.codes.map((code) => BigInt(code) << BigInt(f - bias!.f)) : new Array<bigint>(outputs).fill(0n),
  };
}

/** Intervals on a common scale. */
export function alignIntervals(intervals: readonly Interval[], f: number): Interval[] {
  return intervals.map((interval) => aligned(interval, f));
}

/** The zero of the representation. */
export function zeroCode(wide: boolean): number {
  return (wide ? 0n : 0) as number;
}

/** Integers in the representation a node computes in. */
export function constants(values: readonly bigint[], wide: boolean): NumberArray {
  return asNumbers(wide ? values : Float64Array.from(values, Number));
}

/** Something indexable that holds codes, seen as numbers. */
export interface NumberArray {
  [index: number]: number;
  readonly length: number;
}

/**
 * BigInt codes seen as numbers: `+`, `-`, `*`, `<`, `>` mean the same for both, so that one loop serves both.
 * Literals must not be mixed in; pass the zero.
 */
export function asNumbers(codes: Codes | readonly bigint[]): NumberArray {
  return codes as unknown as Float64Array;
}
