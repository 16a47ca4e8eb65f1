import { checkFormat, codeRange, formatWidth, NUMBER_BITS, scaleCode } from '../format/code-range.ts';
import type { Format, OverflowMode } from '../format/format.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import { QuantError } from '../quant-error.ts';
import { cutDouble } from './exact.ts';
import { overflowMode, type RoundName, roundMode } from './modes.ts';
import { overflowNumber } from './overflow.ts';
import { roundNumber } from './round.ts';

/**
 * The real value of `x` in a fixed-point format: rounded to a multiple of `2^-f`, overflow handled (`hgq2 §1`).
 * A format of width ≤ 0 gives 0. Exact for every finite `x` and width ≤ 53; beyond, the nearest double of the exact result
 * (use `quantizeCode` for its code). ±Infinity saturates, and wraps to 0.
 *
 * @param round default `TRN`, as in `ap_fixed`
 * @param overflow default `WRAP`, as in `ap_fixed`
 * @throws QuantError for NaN, an unknown mode or a malformed format
 * @example quantize(3.75, { k: 1, i: 2, f: 1 }, 'RND', 'SAT') // 3.5
 */
export function quantize(x: number, format: Format, round: RoundName = 'TRN', overflow: OverflowMode = 'WRAP'): number {
  if (format.i + format.f > NUMBER_BITS) return scaleCode(quantizeCode(x, format, round, overflow), format.f);
  const rounding = roundMode(round);
  const handling = overflowMode(overflow);
  checkFormat(format, 'quantize');
  if (Number.isNaN(x)) throw new QuantError('quantize: NaN has no fixed-point value; find where it comes from');
  if (formatWidth(format) <= 0) return 0;
  const { lo, hi } = codeRange(format, handling);
  const code = overflowNumber(roundNumber(scaled(x, format.f), rounding), Number(lo), Number(hi), handling);
  return code * powerOfTwo(-format.f) + 0;
}

/**
 * The integer code of `x` in a format, exact for any width: the real value is `code · 2^-f`.
 *
 * @param saturationBits `N` of `ap_fixed`, only with `WRAP`, default 0
 * @throws QuantError for NaN, an unknown mode or a malformed format
 */
export function quantizeCode(
  x: number,
  format: Format,
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
  saturationBits = 0,
): bigint {
  const rounding = roundMode(round);
  const handling = overflowMode(overflow);
  checkFormat(format, 'quantizeCode');
  return cutDouble(x, format, rounding, handling, saturationBits).code;
}

/** `x · 2^f`; an underflow to zero keeps the sign visible to the rounding. */
function scaled(x: number, f: number): number {
  const u = x * powerOfTwo(f);
  return u === 0 && x !== 0 ? (x < 0 ? -Number.MIN_VALUE : Number.MIN_VALUE) : u;
}
