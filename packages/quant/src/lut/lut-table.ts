import { formatWidth, NUMBER_BITS } from '../format/code-range.ts';
import type { Format, OverflowMode } from '../format/format.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import { MAX_TABLE_BITS } from '../ops/lut.ts';
import type { LutTable } from '../ops/nodes.ts';
import { QuantError } from '../quant-error.ts';
import { cutDouble } from '../quantize/exact.ts';
import { overflowMode, type RoundName, roundMode } from '../quantize/modes.ts';

/** The format a function's results are rounded to. Defaults as in `ap_fixed`. */
export interface LutResult {
  readonly to: Format;
  /** Default `TRN`. */
  readonly round?: RoundName;
  /** Default `WRAP`. */
  readonly overflow?: OverflowMode;
}

/**
 * The table of a real function over all codes of a format, in two's-complement order: entry `j` holds the code of `fn(x)` for the `x` whose bits are `j`.
 * An infinite result goes to the end of a saturating format.
 *
 * @param from format of the argument, at most 20 bits; width ≤ 0 gives the one entry `fn(0)`
 * @throws QuantError for a table that is too large, results that need more than 52 bits, or a function that gives NaN
 * @example lutTable(Math.tanh, { k: 1, i: 2, f: 3 }, { to: { k: 1, i: 0, f: 5 }, round: 'RND', overflow: 'SAT' })
 */
export function lutTable(fn: (x: number) => number, from: Format, result: LutResult): LutTable {
  const { to, round = 'TRN', overflow = 'WRAP' } = result;
  const width = formatWidth(from);
  if (width > MAX_TABLE_BITS) {
    throw new QuantError(
      `a table over ${width} bits has 2^${width} entries; requantize its input to at most ${MAX_TABLE_BITS} bits`,
    );
  }
  if (to.i + to.f > NUMBER_BITS)
    throw new QuantError(`table entries of ${formatWidth(to)} bits; use at most ${NUMBER_BITS}`);
  const rounding = roundMode(round);
  const handling = overflowMode(overflow);
  const size = 2 ** Math.max(0, width);
  const negative = from.k === 1 && width > 0 ? size / 2 : size;
  const codes = Array.from({ length: size }, (_, j) => {
    const x = width > 0 ? (j < negative ? j : j - size) * powerOfTwo(-from.f) : 0;
    const y = fn(x);
    if (Number.isNaN(y))
      throw new QuantError(`the function gives NaN at ${x}; define it for every value of its input format`);
    return Number(cutDouble(y, to, rounding, handling).code);
  });
  return { from, codes };
}
