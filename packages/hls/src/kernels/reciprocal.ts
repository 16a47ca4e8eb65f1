import { FirmwareError } from '../errors.ts';
import { type FixedType, fractionOf } from '../plan/fixed-type.ts';

/** Template arguments of `sp::divide_sticky`. */
export interface Reciprocal {
  /** The multiplier's lowest 64 bits, and the others. */
  readonly MULTIPLIER: string;
  readonly HIGH: string;
  readonly MULTIPLIER_BITS: number;
  readonly SHIFT: number;
  /** Bits of the dividend after the shifts, as a signed integer. */
  readonly KEPT_BITS: number;
  readonly LEFT: number;
  readonly RIGHT: number;
  /** Type of the result: the quotient with one bit below the rounding position and a sticky bit below that. */
  readonly quotient: FixedType;
}

/**
 * Division by a constant as a multiplication that is exact for every number of type `from`.
 *
 * For 0 ≤ n < 2^b and M = ⌈2^s / d⌉, e = M·d − 2^s: ⌊n·M / 2^s⌋ = ⌊n / d⌋ as soon as e·2^b < 2^s (Granlund & Montgomery 1994). Negative n use
 * ⌊n / d⌋ = −1 − ⌊(−1 − n) / d⌋.
 *
 * @param targetF fraction bits of the format that the quotient will be rounded to
 * @throws FirmwareError when the multiplier needs more than 128 bits
 */
export function reciprocal(from: FixedType, targetF: number, divisor: number): Reciprocal {
  const shift = targetF + 1 - fractionOf(from);
  const LEFT = Math.max(0, shift);
  // Moving a word down by more than its width leaves only the sign and "something was there".
  const width = from.width + (from.signed ? 0 : 1);
  const RIGHT = Math.min(Math.max(0, -shift), width);
  const KEPT_BITS = Math.max(width + LEFT - RIGHT, 1) + 1;
  const b = BigInt(KEPT_BITS - 1);
  const d = BigInt(divisor);
  let s = 0n;
  while (((((1n << s) + d - 1n) / d) * d - (1n << s)) << b >= 1n << s) s++;
  const multiplier = ((1n << s) + d - 1n) / d;
  const MULTIPLIER_BITS = multiplier.toString(2).length;
  if (MULTIPLIER_BITS > 128) {
    throw new FirmwareError(
      `dividing ${width}-bit numbers by ${divisor} needs a ${MULTIPLIER_BITS}-bit multiplier, more than the 128 that the kernel has; requantize before the pooling`,
    );
  }
  // Clipping RIGHT leaves |quotient| < 1 in units of 2^-(targetF+1), which rounds alike for any further shift.
  const bits = KEPT_BITS + 2;
  return {
    MULTIPLIER: BigInt.asUintN(64, multiplier).toString(),
    HIGH: (multiplier >> 64n).toString(),
    MULTIPLIER_BITS,
    SHIFT: Number(s),
    KEPT_BITS,
    LEFT,
    RIGHT,
    quotient: { signed: true, width: bits, int: bits - (targetF + 2) },
  };
}
