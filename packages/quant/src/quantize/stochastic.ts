import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { codeRange, formatWidth, NUMBER_BITS } from '../format/code-range.ts';
import type { FormatTable, OverflowMode } from '../format/format.ts';
import { broadcastIndices, checkTable, formatAt, sizeOf } from '../format/format-table.ts';
import { powerOfTwo } from '../format/power-of-two.ts';
import { QuantError } from '../quant-error.ts';
import { overflowMode } from './modes.ts';
import { overflowNumber } from './overflow.ts';

/**
 * A quantizer with real stochastic rounding: between two neighbouring grid values the upper one is taken with the probability of the distance
 * to the lower one, so that the mean is unbiased; values on the grid stay. (The reference accepts the names `S_RND` and `S_RND_CONV` but
 * rounds deterministically; so do `quantize` and all graphs. This is the explicit alternative, for training.)
 *
 * @param seed equal seeds give equal sequences of results
 * @returns real values to real values on the grid; each call continues the random sequence
 * @throws QuantError for a malformed table or more than 52 bits besides the sign
 */
export function stochasticQuantizer(
  table: FormatTable,
  shape: readonly number[],
  overflow: OverflowMode,
  seed: number,
): (x: ArrayLike<number>) => Float64Array {
  checkTable(table, 'stochastic quantizer');
  const handling = overflowMode(overflow);
  const constants = table.k.map((_, j) => {
    const format = formatAt(table, j);
    if (format.i + format.f > NUMBER_BITS) {
      throw new QuantError(`stochastic quantizer: a format of ${formatWidth(format)} bits; use at most ${NUMBER_BITS}`);
    }
    const { lo, hi } = codeRange(format, handling);
    const alive = formatWidth(format) > 0;
    return {
      scale: alive ? powerOfTwo(format.f) : 0,
      step: alive ? powerOfTwo(-format.f) : 0,
      lo: Number(lo),
      hi: Number(hi),
    };
  });
  const indices = broadcastIndices(table.shape, shape);
  const size = sizeOf(shape);
  const generator = xoroshiro128plus(seed);
  return (x) => {
    if (x.length % size !== 0)
      throw new QuantError(`${x.length} values are no whole number of tensors of ${size} elements`);
    return Float64Array.from({ length: x.length }, (_, j) => {
      const { scale, step, lo, hi } = constants[indices[j % size]];
      const value = x[j];
      if (Number.isNaN(value)) throw new QuantError(`element ${j} is NaN: it has no fixed-point value`);
      const u = scale === 0 ? 0 : value * scale;
      const floor = Math.floor(u);
      const up = u !== floor && uniformFloat64(generator) < u - floor;
      return overflowNumber(up ? floor + 1 : floor, lo, hi, handling) * step + 0;
    });
  };
}
