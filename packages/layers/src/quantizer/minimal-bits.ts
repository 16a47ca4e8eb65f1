/**
 * Smallest number of integer bits that holds a magnitude (hgq2 §2.4), computed with exact exponents instead of
 * `ceil(log2(·))` in float32, which is one too large for some powers of two.
 */

/** Slack of the reference's KBI rule, kept so that traced formats agree with it. */
const delta = 1e-7;

/** Smallest `i` with `2^i − 2^-f ≥ magnitude`. A magnitude of 0 gives `−f`, a width of zero bits. */
export function minimalIntegerBitsForFraction(magnitude: number, f: number): number {
  return ceilLog2(magnitude + 2 ** -f);
}

/** Smallest `i` with `2^i · (1 − 2^-b) ≥ magnitude`, up to a slack of 1e-7; 32 when `b ≤ 0`. */
export function minimalIntegerBitsForWidth(magnitude: number, b: number): number {
  if (b <= 0) return 32;
  return ceilLog2((magnitude + delta) / (1 - 2 ** -b + delta));
}

/** `⌈log2(x)⌉` for finite x > 0, exact. */
export function ceilLog2(x: number): number {
  let n = Math.ceil(Math.log2(x));
  // Math.log2 may be off by one ulp next to a power of two; powers of two themselves are exact.
  if (2 ** (n - 1) >= x) n--;
  else if (2 ** n < x) n++;
  // Math.ceil may have given −0.
  return n + 0;
}
