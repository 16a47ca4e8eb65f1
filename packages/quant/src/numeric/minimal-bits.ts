import { ceilLog2, floorLog2 } from './reals.ts';

/**
 * Softening term of the reference's rule for a given total width, kept so that traced formats agree
 * with it (`hgq2 §2.4`).
 */
const DELTA = 1e-7;

/**
 * Smallest `i` with `2^i − 2^-f ≥ magnitude` (`hgq2 §2.4`, m_f), exactly. A magnitude of 0 gives
 * `−f`, a width of zero bits.
 */
export function minimalIntegerBitsForFraction(magnitude: number, f: number): number {
  if (magnitude === 0) return 0 - f;
  const bits = ceilLog2(magnitude);
  if (bits <= -f) return 1 - f;
  // Exact: the two are within a factor of two.
  const gap = 2 ** bits - magnitude;
  return gap > 0 && gap >= 2 ** -f ? bits : bits + 1;
}

/**
 * Smallest `i` with `2^i · (1 − 2^-b) ≥ magnitude`, up to a slack of 1e-7 (`hgq2 §2.4`, m_b); 32
 * when `b ≤ 0`.
 */
export function minimalIntegerBitsForWidth(magnitude: number, b: number): number {
  if (b <= 0) return 32;
  return ceilLog2((magnitude + DELTA) / (1 - 2 ** -b + DELTA));
}

/** Smallest `i ≥ −f` with `−2^i ≤ smallest` and `largest ≤ 2^i − 2^-f`. */
export function minimalIntegerBitsOfRange(smallest: number, largest: number, f: number): number {
  let i = 0 - f;
  while (2 ** i - 2 ** -f < largest || -(2 ** i) > smallest) i++;
  return i;
}

/**
 * Smallest f for which `value · 2^f` is whole; −∞ for 0.
 *
 * @throws RangeError for NaN and ±∞, which no f makes whole.
 */
export function fractionBits(value: number): number {
  if (value === 0) return -Infinity;
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no fraction bits; give a finite number`);
  // Numbers down to the smallest one, 2^-1074: 2^f itself has to be finite.
  let f = Math.min(1000, 23 - floorLog2(Math.abs(value)));
  // From surely fine enough to just fine enough: halve while the code stays whole.
  let code = Math.abs(value) * 2 ** f;
  while (code % 1 !== 0) {
    code *= 2;
    f++;
  }
  while (code % 2 === 0) {
    code /= 2;
    f--;
  }
  return f;
}
