import { broadcastIndices } from '../format/format-table.ts';
import type { NodeFields, Weights } from '../graph/node.ts';
import { commonShape, largest, max, min, rangeAt, rangesOf } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { listOf, type OpDefinition } from './definition.ts';
import { checkBroadcast, expandCodes, periodShape } from './elementwise.ts';
import { weights } from './form.ts';
import { asNumbers, constants, zeroCode } from './linear.ts';

/** `x` where it is positive, else `x · alpha`, broadcast to the input's shape. */
export interface LeakyReluNode extends NodeFields {
  readonly op: 'leakyRelu';
  readonly alpha: Weights;
}

/** `x` where positive, else `x · alpha`. */
export const leakyReluOp: OpDefinition<LeakyReluNode> = {
  form: { alpha: weights },
  arity: 1,
  allowsDivisor: false,
  takes: 'both',
  infer({ name, alpha }, [x]) {
    checkBroadcast(name, 'alpha', alpha, x);
    const shape = commonShape(x.ranges.shape, alpha.shape);
    const source = broadcastIndices(x.ranges.shape, shape);
    const { pass, slopes, gain } = factorsOf(alpha, shape);
    const ranges = rangesOf(
      shape,
      Array.from(source, (index, j) => {
        const range = rangeAt(x.ranges, index);
        // The function is linear on each side of 0: its extremes are at the ends and, if 0 lies between them, at 0.
        const at = (code: bigint): bigint => (code > 0n ? code * pass : code * slopes[j]);
        const ends = [at(range.lo), at(range.hi), ...(range.lo < 0n && range.hi > 0n ? [0n] : [])];
        return { lo: ends.reduce(min), hi: ends.reduce(max), f: range.f + gain };
      }),
    );
    return { shape: x.shape, ...listOf(x), divisor: 1, ranges, bound: max(largest(ranges), largest(x.ranges)) };
  },
  prepare({ alpha }, [x], _, wide) {
    const period = periodShape(x.inferred);
    const factors = factorsOf(alpha, period);
    const slopes = constants(factors.slopes, wide);
    const pass = constants([factors.pass], wide)[0];
    const zero = zeroCode(wide);
    return ([value]) => {
      const codes = allocateCodes(value.codes.length, wide);
      const from = asNumbers(value.codes);
      const to = asNumbers(codes);
      const size = slopes.length;
      for (let base = 0; base < to.length; base += size) {
        for (let j = 0; j < size; j++) {
          const code = from[base + j];
          // Adding 0 turns -0 into 0, so equal codes are equal bit for bit.
          to[base + j] = code > zero ? code * pass : code * slopes[j] + zero;
        }
      }
      return { value: { ...value, codes }, overflow: 0 };
    };
  },
};

/** Fraction bits that the slopes add, and the factors of both branches on the resulting scale. */
function factorsOf(
  alpha: LeakyReluNode['alpha'],
  shape: readonly number[],
): { gain: number; pass: bigint; slopes: bigint[] } {
  const gain = Math.max(alpha.f, 0);
  const slopes = expandCodes(alpha, shape).map((code) => code << BigInt(gain - alpha.f));
  return { gain, pass: 1n << BigInt(gain), slopes };
}
