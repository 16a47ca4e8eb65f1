import type { InternalSigmoid } from './scalar-functions.ts';

/** How a quantizer is called. */
export interface QuantizeContext {
  /** Random quantizers draw while training only (`bernoulli` always). */
  readonly training: boolean;
  /** Numbers from [0, 1), for random quantizers. */
  readonly random: () => number;
  readonly internalSigmoid: InternalSigmoid;
}

/** Automatic or given scale in front of the codes; `shape` broadcasts to the data. */
export interface QuantizerScale {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Result of a quantizer call. */
export interface Quantised {
  readonly values: Float64Array;
  /** Derivative of every element of the result with respect to the same element of the data. */
  readonly slopes: Float64Array;
  readonly scale: QuantizerScale | null;
}

/** Data of a call in row-major order. */
export interface QuantizerData {
  readonly x: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** Applies a function of one number that returns value and slope. */
export function elementwise(
  { x }: QuantizerData,
  f: (x: number) => readonly [value: number, slope: number],
): Quantised {
  const values = new Float64Array(x.length);
  const slopes = new Float64Array(x.length);
  for (let j = 0; j < x.length; j++) [values[j], slopes[j]] = f(x[j]);
  return { values, slopes, scale: null };
}

/** `floor` or `ceil` at random, so that the mean is kept. */
export function roundRandomly(x: number, random: () => number): number {
  const floor = Math.floor(x);
  return floor + (random() < x - floor ? 1 : 0);
}

/** Part of the quantisation error: `x̃ + q·(xq − x̃)`, slope `slope`; without straight-through `(1 − q)·slope`. */
export function mixed(
  xq: number,
  through: number,
  slope: number,
  factor: number,
  useSte = true,
): readonly [number, number] {
  if (useSte) return [factor === 1 ? xq : through + factor * (xq - through), slope];
  return [(1 - factor) * through + factor * xq, (1 - factor) * slope];
}
