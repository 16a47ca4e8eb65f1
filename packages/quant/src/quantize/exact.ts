import { codeRange, formatWidth } from '../format/code-range.ts';
import type { Format, OverflowMode, RoundMode } from '../format/format.ts';
import { QuantError } from '../quant-error.ts';
import { overflowInteger } from './overflow.ts';
import { roundRational } from './round.ts';

/** An integer fraction `numerator / denominator`, denominator > 0. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const bits = new DataView(new ArrayBuffer(8));

/**
 * The exact value of a finite double as `mantissa · 2^exponent`.
 *
 * @throws QuantError for NaN and infinities
 */
export function decompose(x: number): { mantissa: bigint; exponent: number } {
  if (!Number.isFinite(x)) throw new QuantError(`${x} has no fixed-point value`);
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const field = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const magnitude = field === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: word >> 63n ? -magnitude : magnitude, exponent: (field === 0 ? 1 : field) - 1075 };
}

/** `mantissa · 2^shift / divisor` as a fraction. */
export function shifted(mantissa: bigint, shift: number, divisor = 1n): Rational {
  return shift >= 0
    ? { numerator: mantissa << BigInt(shift), denominator: divisor }
    : { numerator: mantissa, denominator: divisor << BigInt(-shift) };
}

/** A code and whether the rounded value was outside the format. */
export interface CutCode {
  readonly code: bigint;
  readonly overflow: boolean;
}

/**
 * The code of an exact real value in a format: rounded, then brought into range. Zero-width formats give 0 and never overflow.
 *
 * @param value the real value times `2^f`, i.e. in units of the format's step
 */
export function cutCode(
  value: Rational,
  format: Format,
  round: RoundMode,
  overflow: OverflowMode,
  saturationBits = 0,
): CutCode {
  if (formatWidth(format) <= 0) return { code: 0n, overflow: false };
  const rounded = roundRational(value.numerator, value.denominator, round);
  const range = codeRange(format, overflow);
  return {
    code: overflowInteger(rounded, range, overflow, saturationBits),
    overflow: rounded < range.lo || rounded > range.hi,
  };
}

/** `cutCode` of a double in real units. ±Infinity goes to the end of a saturating format and to 0 otherwise. */
export function cutDouble(
  x: number,
  format: Format,
  round: RoundMode,
  overflow: OverflowMode,
  saturationBits = 0,
): CutCode {
  if (Number.isNaN(x)) throw new QuantError('NaN has no fixed-point value; find where it comes from');
  if (Math.abs(x) === Number.POSITIVE_INFINITY) {
    const { lo, hi } = codeRange(format, overflow);
    const saturates = overflow === 'SAT' || overflow === 'SAT_SYM';
    return { code: saturates ? (x < 0 ? lo : hi) : 0n, overflow: formatWidth(format) > 0 };
  }
  const { mantissa, exponent } = decompose(x);
  return cutCode(shifted(mantissa, exponent + format.f), format, round, overflow, saturationBits);
}
