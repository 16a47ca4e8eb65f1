/** Exact rational numbers for oracles: slow, obvious, and independent of the code under test. */
export interface Fraction {
  readonly n: bigint;
  /** Positive. */
  readonly d: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

export function fraction(n: bigint, d = 1n): Fraction {
  const divisor = gcd(n, d) || 1n;
  return { n: n / divisor, d: d / divisor };
}

export const ZERO: Fraction = { n: 0n, d: 1n };

export function add(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtract(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d - b.n * a.d, a.d * b.d);
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.n, a.d * b.d);
}

export function divide(a: Fraction, count: number): Fraction {
  return fraction(a.n, a.d * BigInt(count));
}

/** −1, 0, 1. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function equal(a: Fraction, b: Fraction): boolean {
  return a.n === b.n && a.d === b.d;
}

/** `code · 2^-f / divisor`. */
export function scaled(code: bigint | number, f: number, divisor = 1): Fraction {
  const shift = BigInt(Math.abs(f));
  const n = BigInt(code);
  return f >= 0 ? fraction(n, BigInt(divisor) << shift) : fraction(n << shift, BigInt(divisor));
}

/** The exact value of a double. */
export function ofDouble(x: number): Fraction {
  let exponent = 0;
  let mantissa = x;
  // Halving and doubling are exact until the mantissa is an integer.
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return fraction(BigInt(mantissa), 1n << BigInt(exponent));
}

export function floor(a: Fraction): bigint {
  const quotient = a.n / a.d;
  return a.n < 0n && quotient * a.d !== a.n ? quotient - 1n : quotient;
}
