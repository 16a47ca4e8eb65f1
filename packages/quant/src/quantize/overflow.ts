import type { CodeRange } from '../format/code-range.ts';
import type { OverflowMode } from '../format/format.ts';
import { reflectInto, wrapInto } from '../numeric/reals.ts';
import { QuantError } from '../quant-error.ts';

/**
 * Brings an integer into `lo … hi` (`hgq2 §1.3`, `hgq1 §4.3`). `lo` and `hi` are those of the mode, i.e. symmetric for `SAT_SYM`.
 * Plain numbers: exact for any integer-valued double while `hi - lo` is below 2^53. ±Infinity wraps to 0, as `ap_fixed` does.
 */
export function overflowNumber(code: number, lo: number, hi: number, mode: OverflowMode): number {
  if (code >= lo && code <= hi) return code;
  switch (mode) {
    case 'SAT':
    case 'SAT_SYM':
      return code < lo ? lo : hi;
    case 'SAT_ZERO':
      return 0;
    case 'WRAP':
      return Number.isFinite(code) ? wrapInto(code, lo, hi + 1) + 0 : 0;
    case 'WRAP_SM':
      return Number.isFinite(code) ? reflectInto(code, lo, hi + 1, 1) : 0;
    default:
      throw new QuantError(`unknown overflow mode "${mode satisfies never}"`);
  }
}

/**
 * The same for integers of any size.
 *
 * @param saturationBits bits kept from wrapping at the top (`N` of `ap_fixed`, `hls4ml §2.12`); only with `WRAP`
 */
export function overflowInteger(code: bigint, range: CodeRange, mode: OverflowMode, saturationBits = 0): bigint {
  const { lo, hi } = range;
  if (code >= lo && code <= hi) return code;
  switch (mode) {
    case 'SAT':
    case 'SAT_SYM':
      return code < lo ? lo : hi;
    case 'SAT_ZERO':
      return 0n;
    case 'WRAP':
      return saturationBits > 0 ? wrapBelow(code, range, saturationBits) : floorMod(code - lo, hi - lo + 1n) + lo;
    case 'WRAP_SM': {
      const span = hi - lo + 1n;
      const twice = 2n * (floorMod(code - hi - 1n, 2n * span) - span) + 1n;
      return ((twice < 0n ? -twice : twice) - 1n) / 2n + lo;
    }
    default:
      throw new QuantError(`unknown overflow mode "${mode satisfies never}"`);
  }
}

/** The top `bits` bits saturate by the sign of the value, the rest keeps its low bits. */
function wrapBelow(code: bigint, { lo, hi }: CodeRange, bits: number): bigint {
  const free = 1n << BigInt((hi - lo + 1n).toString(2).length - 1 - bits);
  const low = floorMod(code, free);
  return code < 0n ? lo + low : hi - (free - 1n) + low;
}

function floorMod(a: bigint, m: bigint): bigint {
  const rest = a % m;
  return rest < 0n ? rest + m : rest;
}
