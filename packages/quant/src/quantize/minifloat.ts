import { exponentOf } from '../format/minimal.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import { QuantError } from '../quant-error.ts';
import { roundNumber } from './round.ts';

/** A small floating-point format (`hgq2 §2.5`). */
export interface Minifloat {
  /** Mantissa bits without sign, at least −1. */
  readonly m: number;
  /** Exponent bits, at least 0. */
  readonly e: number;
  /** Exponent offset. */
  readonly e0: number;
}

/** Keeps the exponent of 0 finite, as in the reference. */
const FLOOR = 1e-7;

/**
 * The value of `x` in a minifloat format: round half to even, subnormals at the low end, saturation at the high end, no NaN or infinity codes.
 *
 * @throws QuantError for NaN or a malformed format
 * @example quantizeMinifloat(1.2, { m: 2, e: 2, e0: 0 }) // 1.25
 */
export function quantizeMinifloat(x: number, { m, e, e0 }: Minifloat): number {
  if (Number.isNaN(x)) throw new QuantError('quantizeMinifloat: NaN has no value in a minifloat');
  if (![m, e, e0].every(Number.isInteger) || m < -1 || m > 50 || e < 0 || e > 8 || Math.abs(e0) > 200) {
    throw new QuantError(`minifloat m=${m} e=${e} e0=${e0}: use integers with -1 ≤ m ≤ 50, 0 ≤ e ≤ 8, |e0| ≤ 200`);
  }
  const digits = m + 1;
  const half = Math.max(e === 0 ? 0 : powerOfTwo(e - 1), 1);
  const low = -half + e0 + 1;
  const high = half + e0 - 1;
  const magnitude = Math.min(Math.abs(x), Number.MAX_VALUE);
  const exponent = Math.min(Math.max(exponentOf(magnitude + FLOOR), low), high);
  const step = powerOfTwo(exponent - digits + 1);
  const limit = exponent === high ? powerOfTwo(digits) - 1 : powerOfTwo(digits);
  const code = Math.min(roundNumber(magnitude / step, 'RND_CONV'), limit);
  return (x < 0 ? -code * step : code * step) + 0;
}

/** Largest magnitude and smallest positive step of a minifloat format. */
export function minifloatRange({ m, e, e0 }: Minifloat): { max: number; epsilon: number } {
  const half = Math.max(e === 0 ? 0 : powerOfTwo(e - 1), 1);
  return { max: powerOfTwo(half + e0 - 1) * (2 - powerOfTwo(-m)), epsilon: powerOfTwo(-half + e0 + 1 - m) };
}
