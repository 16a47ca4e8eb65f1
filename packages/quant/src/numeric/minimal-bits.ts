import { ceilLog2 } from './reals.ts';

/** Softening term of the reference's rule for a given total width, kept so that traced formats agree with it (`hgq2 §2.4`). */
const DELTA = 1e-7;

/** Smallest `i` with `2^i − 2^-f ≥ magnitude` (`hgq2 §2.4`, m_f), exactly. A magnitude of 0 gives `−f`, a width of zero bits. */
export function minimalIntegerBitsForFraction(magnitude: number, f: number): number {
  if (magnitude === 0) return 0 - f;
  const bits = ceilLog2(magnitude);
  if (bits <= -f) return 1 - f;
  // Exact: the two are within a factor of two.
  const gap = 2 ** bits - magnitude;
  return gap > 0 && gap >= 2 ** -f ? bits : bits + 1;
}

/** Smallest `i` with `2^i · (1 − 2^-b) ≥ magnitude`, up to a slack of 1e-7 (`hgq2 §2.4`, m_b); 32 when `b ≤ 0`. */
export function minimalIntegerBitsForWidth(magnitude: number, b: number): number {
  if (b <= 0) return 32;
  return ceilLog2((magnitude + DELTA) / (1 - 2 ** -b + DELTA));
}
