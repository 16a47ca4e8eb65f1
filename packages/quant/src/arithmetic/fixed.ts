import type { Format, OverflowMode } from '../format/format.ts';
import { QuantError } from '../quant-error.ts';
import type { RoundName } from '../quantize/modes.ts';
import { requantizeCode } from '../quantize/requantize.ts';
import { addFormats, multiplyFormats, negateFormat, shiftFormat, subtractFormats } from './formats.ts';

/** One fixed-point number: the real value is `code · 2^-format.f`. */
export interface Fixed {
  readonly code: bigint;
  readonly format: Format;
}

function codeAt({ code, format }: Fixed, f: number): bigint {
  // Only a format of width 0 can have more fraction bits than an exact result.
  return f >= format.f ? code << BigInt(f - format.f) : code >> BigInt(format.f - f);
}

/** `a + b`, exact. */
export function addFixed(a: Fixed, b: Fixed): Fixed {
  const format = addFormats(a.format, b.format);
  return { code: codeAt(a, format.f) + codeAt(b, format.f), format };
}

/** `a - b`, exact. */
export function subtractFixed(a: Fixed, b: Fixed): Fixed {
  const format = subtractFormats(a.format, b.format);
  return { code: codeAt(a, format.f) - codeAt(b, format.f), format };
}

/** `a · b`, exact. */
export function multiplyFixed(a: Fixed, b: Fixed): Fixed {
  return { code: a.code * b.code, format: multiplyFormats(a.format, b.format) };
}

/** `-a`, exact. */
export function negateFixed(a: Fixed): Fixed {
  return { code: -a.code, format: negateFormat(a.format) };
}

/** `a · 2^n`, exact, for any integer `n`: the code stays, the scale moves. */
export function shiftFixed(a: Fixed, n: number): Fixed {
  return { code: a.code, format: shiftFormat(a.format, n) };
}

/** −1, 0 or 1 as `a` is below, equal to or above `b`; exact for any formats. */
export function compareFixed(a: Fixed, b: Fixed): -1 | 0 | 1 {
  const f = Math.max(a.format.f, b.format.f);
  const [x, y] = [codeAt(a, f), codeAt(b, f)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** `a` in another format. */
export function castFixed(a: Fixed, to: Format, round: RoundName = 'TRN', overflow: OverflowMode = 'WRAP'): Fixed {
  return { code: requantizeCode(a.code, a.format.f, to, round, overflow), format: to };
}

/**
 * `a / divisor` in format `to`, the exact quotient rounded once. With `to = a.format` and `TRN_ZERO` this is `ap_fixed`'s division by an integer.
 *
 * @param divisor positive integer
 * @throws QuantError for a divisor that is not one
 */
export function divideFixed(
  a: Fixed,
  divisor: number,
  to: Format,
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
): Fixed {
  if (!Number.isSafeInteger(divisor) || divisor < 1) {
    throw new QuantError(`divisor is ${divisor}; use a positive integer and move signs into the dividend`);
  }
  return { code: requantizeCode(a.code, a.format.f, to, round, overflow, divisor), format: to };
}
