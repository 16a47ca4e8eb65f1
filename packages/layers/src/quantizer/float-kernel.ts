/**
 * The minifloat quantizer on plain arrays: forward values and surrogate gradients (hgq2 §2.5), in double precision with
 * exact powers of two.
 *
 * A format has m mantissa bits, exponents from lo = e0 + 1 − E to hi = e0 + E − 1 with E = max(2^(e−1), 1), subnormals
 * below, no infinities. With m = −1 only powers of two below the top exponent are left.
 */

import { clip, floorLog2, roundHalfEven } from '@sp/quant/numeric';
import type { BitIndex } from './broadcast.ts';

/** Integer formats per bit element. */
export interface FloatFormats {
  readonly m: ArrayLike<number>;
  readonly e: ArrayLike<number>;
  readonly e0: ArrayLike<number>;
}

/** One number on the way through the quantizer. */
interface Steps {
  /** Exponent of the number itself, and of the code that holds it. */
  readonly own: number;
  readonly used: number;
  readonly top: number;
  /** E: half the number of exponents. */
  readonly reach: number;
  /** Rounded to the step, before and after the limit. */
  readonly rounded: number;
  readonly result: number;
}

/** Rounds to the nearest minifloat, ties to even, saturating. */
export function quantiseFloat(x: Float32Array, formats: FloatFormats, { period, index }: BitIndex): Float32Array {
  const y = new Float32Array(x.length);
  for (let j = 0; j < x.length; j++) {
    if (x[j] !== 0) y[j] = steps(x[j], formats, index == null ? j % period : index[j]).result;
  }
  return y;
}

/** Gradients with respect to the bit variables, one per bit element; that of x is straight through, also when saturated. */
export interface FloatGradient {
  readonly dm: Float64Array;
  readonly de: Float64Array;
  readonly de0: Float64Array;
}

/** Gradients of `quantiseFloat`. */
export function quantiseFloatGradient(
  x: Float32Array,
  dy: Float32Array,
  formats: FloatFormats,
  { period, index }: BitIndex,
): FloatGradient {
  const size = formats.m.length;
  const gradient = { dm: new Float64Array(size), de: new Float64Array(size), de0: new Float64Array(size) };
  for (let j = 0; j < x.length; j++) {
    const at = index == null ? j % period : index[j];
    const { own, used, top, reach, rounded, result } = steps(x[j], formats, at);
    const upstream = dy[j] * Math.LN2;
    if (own <= top) gradient.dm[at] += upstream * (x[j] - rounded);
    if (own === used) continue;
    const outside = upstream * (x[j] - result);
    gradient.de[at] += outside * Math.LN2 * reach;
    gradient.de0[at] += own > top ? outside : -outside;
  }
  return gradient;
}

/** Keeps the logarithm of 0 finite, as the reference does. */
const tiny = 1e-7;

function steps(x: number, { m, e, e0 }: FloatFormats, at: number): Steps {
  const reach = Math.max(2 ** (e[at] - 1), 1);
  const top = e0[at] + reach - 1;
  const own = floorLog2(Math.abs(x) + tiny);
  const used = clip(own, e0[at] + 1 - reach, top);
  const step = 2 ** (used - m[at]);
  const code = roundHalfEven(x / step);
  const limit = 2 ** (m[at] + 1) - (used === top ? 1 : 0);
  // Adding 0 turns −0 into 0.
  const result = clip(code, -limit, limit) * step + 0;
  return { own, used, top, reach, rounded: code * step, result };
}
