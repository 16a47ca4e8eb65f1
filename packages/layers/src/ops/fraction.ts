/**
 * Averages as fractions. float32 holds few averages exactly; a quantizer that rounds the float32 value, or a second
 * average, could end on the wrong side of a tie. So poolings remember exact numerators along with their result, and
 * poolings and quantizers take them from there: any chain of them divides once, in double precision.
 */
import { isPowerOfTwo } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { hostValues, hostView } from './host-view.ts';

/** Exact values `numerators[j] / divisor` of a tensor. */
export interface Fraction {
  readonly numerators: Float64Array;
  readonly divisor: number;
}

/** Plain numbers in either precision. */
export type Reals = Float32Array | Float64Array;

const fractions = new WeakMap<object, Fraction>();

/** Remembers the exact values of `y`. Halves, quarters, … are exact in float32 already. */
export function rememberFraction(y: tf.Tensor, fraction: Fraction | null): void {
  if (fraction != null && !isPowerOfTwo(fraction.divisor)) fractions.set(y.dataId, fraction);
}

/** Exact values of a tensor (or a reshaped one) if they are known to differ from its float32 values. */
export function knownFraction(x: tf.Tensor): Fraction | undefined {
  return fractions.get(x.dataId);
}

/** Values of a tensor in the best known precision; a copy, or not to be written to. */
export function exactValues(x: tf.Tensor): Reals {
  return quotients(x) ?? hostValues(x);
}

/** As `exactValues`, perhaps a view of the backend's memory: read at once. */
export function exactView(x: tf.Tensor): Reals {
  return quotients(x) ?? hostView(x);
}

function quotients(x: tf.Tensor): Float64Array | undefined {
  const fraction = knownFraction(x);
  return fraction?.numerators.map((numerator) => numerator / fraction.divisor);
}
