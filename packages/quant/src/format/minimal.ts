import { bitLength } from '../numeric/bit-length.ts';
import { minimalIntegerBitsForFraction, minimalIntegerBitsForWidth } from '../numeric/minimal-bits.ts';
import { ceilLog2 } from '../numeric/reals.ts';
import { QuantError } from '../quant-error.ts';
/** The fewest bits that do: integer bits for a magnitude, whole formats for given numbers. */
import { decompose } from '../quantize/exact.ts';
import type { Format } from './format.ts';

/** `⌊log2 |x|⌋` of a finite non-zero double, by its exponent field: never off by one as a computed logarithm can be. */
export function exponentOf(x: number): number {
  const { mantissa, exponent } = decompose(Math.abs(x));
  if (mantissa === 0n) throw new QuantError('0 has no exponent');
  return bitLength(mantissa) - 1 + exponent;
}

/**
 * Fewest integer bits (sign not counted) so that a format with `f` fraction bits reaches `x`: the smallest `i` with `2^i - 2^-f ≥ x`, for negative `x`
 * with `-2^i ≤ x` (`hgq2 §2.4`, m_f). 0 gives `-f`, i.e. width 0.
 *
 * @param symmetric the negative end is `-(2^i - 2^-f)`; default false
 * @throws QuantError unless `x` is finite
 * @example minimalIntegerBits(3.5, 1) // 2
 */
export function minimalIntegerBits(x: number, f: number, symmetric = false): number {
  requireFinite(x);
  return x < 0 && !symmetric ? ceilLog2(-x) : minimalIntegerBitsForFraction(Math.abs(x), f);
}

/**
 * Fewest integer bits so that a format with `b` bits besides the sign reaches the magnitude `x ≥ 0`: `⌈log2((x + δ) / (1 - 2^-b + δ))⌉` with δ = 1e-7
 * as in the reference (`hgq2 §2.4`, m_b), with an exact logarithm. 32 when `b ≤ 0`. Negative `x`: the smallest `i` with `-2^i ≤ x`.
 *
 * @throws QuantError unless `x` is finite
 * @example minimalIntegerBitsOfWidth(3.75, 4) // 2
 */
export function minimalIntegerBitsOfWidth(x: number, b: number): number {
  if (b <= 0) return 32;
  requireFinite(x);
  return x < 0 ? ceilLog2(-x) : minimalIntegerBitsForWidth(x, b);
}

/**
 * The narrowest format that holds all given numbers exactly: as many fraction bits as their finest digit, integer bits for the largest, a sign if
 * any is negative. Only zeros (or nothing) give width 0.
 *
 * @throws QuantError naming the index of a number that is not finite
 * @example minimalKif([0.75, -2]) // { k: 1, i: 1, f: 2 }
 */
export function minimalKif(values: ArrayLike<number>): Format {
  let k: 0 | 1 = 0;
  let top = Number.NEGATIVE_INFINITY;
  let f = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < values.length; j++) {
    const value = values[j];
    if (!Number.isFinite(value)) throw new QuantError(`value ${j} is ${value}: no fixed-point format holds it`);
    if (value === 0) continue;
    const { mantissa, exponent } = decompose(value);
    const zeros = bitLength(mantissa & -mantissa) - 1;
    f = Math.max(f, -(exponent + zeros));
    // A positive value needs its digits; −2^n fits with n bits.
    top = Math.max(top, value > 0 ? exponentOf(value) + 1 : ceilLog2(-value));
    if (value < 0) k = 1;
  }
  return top === Number.NEGATIVE_INFINITY ? { k: 0, i: 0, f: 0 } : { k, i: top, f };
}

function requireFinite(x: number): void {
  if (!Number.isFinite(x)) throw new QuantError(`${x} has no fixed-point value`);
}
