import { NUMBER_BITS, scaleCode } from '../format/code-range.ts';
import type { Format, FormatTable, OverflowMode, RoundMode } from '../format/format.ts';
import { broadcastIndices, checkTable, formatAt, sizeOf } from '../format/format-table.ts';
import { QuantError } from '../quant-error.ts';
import { applyCodeMap, type CodeMap, codeMap } from './code-map.ts';
import { cutDouble } from './exact.ts';
import { overflowMode, type RoundName, roundMode } from './modes.ts';

/** Integer codes: plain numbers when every code of the format is below 2^52 in magnitude, BigInts otherwise. */
export type Codes = Float64Array | bigint[];

/**
 * A quantizer of arrays, prepared once for its formats and modes and used many times.
 * Arrays are row-major and may hold any number of tensors of the shape one after the other (a batch).
 */
export interface ArrayQuantizer {
  /**
   * Real values in, real values on the grid out.
   *
   * @param out written and returned when given (may be `x` itself)
   * @throws QuantError for NaN and for a length that is no multiple of the tensor's size
   */
  values(x: ArrayLike<number>, out?: Float64Array): Float64Array;
  /** Real values in, integer codes out. `overflow` counts the elements that were out of range. */
  codes(x: ArrayLike<number>): { codes: Codes; overflow: number };
}

/**
 * Prepares quantisation of tensors of `shape` in the formats of `table` (broadcast).
 *
 * @param round default `TRN`
 * @param overflow default `WRAP`
 * @throws QuantError for a malformed table, an unknown mode or a table that does not broadcast to `shape`
 */
export function arrayQuantizer(
  table: FormatTable,
  shape: readonly number[],
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
): ArrayQuantizer {
  checkTable(table, 'quantizer');
  const rounding = roundMode(round);
  const handling = overflowMode(overflow);
  const size = sizeOf(shape);
  // A single format is one element repeated, whatever the shape.
  const indices = sizeOf(table.shape) === 1 ? new Int32Array(1) : broadcastIndices(table.shape, shape);
  const formats = Array.from(indices, (index) => formatAt(table, index));
  if (formats.some(({ i, f }) => i + f > NUMBER_BITS)) return wideQuantizer(formats, size, rounding, handling);
  const maps = { reals: undefined as CodeMap | undefined, codes: undefined as CodeMap | undefined };
  const run = (kind: 'reals' | 'codes', x: ArrayLike<number>, out: Float64Array): number => {
    checkLength(x.length, size);
    maps[kind] ??= codeMap(
      formats.map((to) => ({ to, shift: to.f, postShift: kind === 'reals' ? -to.f : 0 })),
      rounding,
      handling,
    );
    return applyCodeMap(maps[kind], x, out, 0, x.length);
  };
  return {
    values(x, out = new Float64Array(x.length)) {
      run('reals', x, out);
      return out;
    },
    codes(x) {
      const codes = new Float64Array(x.length);
      const overflow = run('codes', x, codes);
      return { codes, overflow };
    },
  };
}

/**
 * Real values of a tensor (or a batch of them) on the grids of `table`. See `quantize` for the rules.
 *
 * @throws QuantError for NaN, unknown modes, malformed tables and lengths
 * @example quantizeArray([0.3, 9], formatTable([2], { k: 1, i: 2, f: 1 }), [2], 'RND', 'SAT') // [0.5, 3.5]
 */
export function quantizeArray(
  x: ArrayLike<number>,
  table: FormatTable,
  shape: readonly number[],
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
): Float64Array {
  return arrayQuantizer(table, shape, round, overflow).values(x);
}

/** Integer codes of a tensor (or a batch of them) in the formats of `table`. See `quantizeCode`. */
export function quantizeToCodes(
  x: ArrayLike<number>,
  table: FormatTable,
  shape: readonly number[],
  round: RoundName = 'TRN',
  overflow: OverflowMode = 'WRAP',
): Codes {
  return arrayQuantizer(table, shape, round, overflow).codes(x).codes;
}

/** Any width, one element at a time. */
function wideQuantizer(
  formats: readonly Format[],
  size: number,
  round: RoundMode,
  overflow: OverflowMode,
): ArrayQuantizer {
  const codes = (x: ArrayLike<number>): { codes: bigint[]; overflow: number } => {
    checkLength(x.length, size);
    let count = 0;
    const result = Array.from({ length: x.length }, (_, j) => {
      const cut = cutDouble(x[j], formats[j % formats.length], round, overflow);
      if (cut.overflow) count++;
      return cut.code;
    });
    return { codes: result, overflow: count };
  };
  return {
    values(x, out = new Float64Array(x.length)) {
      codes(x).codes.forEach((code, j) => {
        out[j] = scaleCode(code, formats[j % formats.length].f);
      });
      return out;
    },
    codes,
  };
}

function checkLength(length: number, size: number): void {
  if (size === 0 ? length !== 0 : length % size !== 0) {
    throw new QuantError(`${length} values are no whole number of tensors of ${size} elements`);
  }
}
