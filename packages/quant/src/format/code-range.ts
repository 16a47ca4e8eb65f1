import { bitLength } from '../numeric/bit-length.ts';
import { QuantError } from '../quant-error.ts';
import type { Format, OverflowMode } from './format.ts';
import { powerOfTwo } from './power-of-two.ts';

/** Largest `|i|` and `|f|` a format may have: keeps every scale factor a normal double. */
export const MAX_FORMAT_BITS = 1000;

/**
 * Widest magnitude (in bits) that plain-number arithmetic is used for. One bit below the 53 of a double, so that a
 * doubled remainder and a difference of two codes are exact as well.
 */
export const NUMBER_BITS = 52;

/** Total width `k + i + f` in bits; zero or less means "constant 0". */
export function formatWidth(format: Format): number {
  return format.k + format.i + format.f;
}

/**
 * Fails unless `format` is one: `k` 0 or 1, `i` and `f` integers of magnitude ≤ 1000.
 *
 * @param where what the format belongs to, for the message
 * @throws QuantError
 */
export function checkFormat(format: Format, where: string): void {
  const { k, i, f } = format;
  if (k !== 0 && k !== 1) throw new QuantError(`${where}: k is ${k}; use 1 (signed) or 0 (unsigned)`);
  for (const [name, bits] of [
    ['i', i],
    ['f', f],
  ] as const) {
    if (!Number.isInteger(bits) || Math.abs(bits) > MAX_FORMAT_BITS) {
      throw new QuantError(`${where}: ${name} is ${bits}; use an integer between ±${MAX_FORMAT_BITS}`);
    }
  }
}

/** Smallest and largest code of a format, both included. */
export interface CodeRange {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** Codes a format can hold; with `SAT_SYM` the range is symmetric (`hgq2 §1.1`). Zero width holds only 0. */
export function codeRange(format: Format, overflow: OverflowMode = 'WRAP'): CodeRange {
  if (formatWidth(format) <= 0) return { lo: 0n, hi: 0n };
  const top = 1n << BigInt(format.i + format.f);
  const hi = top - 1n;
  if (format.k === 0) return { lo: 0n, hi };
  return { lo: overflow === 'SAT_SYM' ? -hi : -top, hi };
}

/** Smallest and largest real value of a format, as (nearest) doubles. */
export function formatRange(format: Format, overflow: OverflowMode = 'WRAP'): { min: number; max: number } {
  const { lo, hi } = codeRange(format, overflow);
  return { min: scaleCode(lo, format.f), max: scaleCode(hi, format.f) };
}

/** The double nearest to `code · 2^-f`. */
export function scaleCode(code: bigint | number, f: number): number {
  return Number(code) * powerOfTwo(-f);
}

/**
 * Narrowest format with `f` fraction bits that holds every code in `lo … hi`.
 * A range of only 0 gives width 0.
 */
export function minimalFormat(lo: bigint, hi: bigint, f: number): Format {
  const k = lo < 0n ? 1 : 0;
  // −2^b needs b bits besides the sign, 2^b needs b + 1.
  const bits = Math.max(bitLength(hi > 0n ? hi : 0n), lo < 0n ? bitLength(-lo - 1n) : 0);
  return { k, i: bits - f, f };
}
