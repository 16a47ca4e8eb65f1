import * as v from 'valibot';
import { broadcastIndices } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields, Weights } from '../graph/node.ts';
import { commonShape, expandRanges, type Interval, isZero, max, rangeAt, rangesOf, withZero } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { listOf, type OpDefinition } from './definition.ts';
import { checkBroadcast, expandCodes, periodShape } from './elementwise.ts';
import { weights } from './form.ts';
import { addTerm, asNumbers, constants, emptySum, ONE, partialBound } from './linear.ts';

/**
 * `(x · scale + offset) / over`, scale and offset broadcast to the input's shape; on a list only where a slot is valid.
 * `over` is odd and multiplies the divisor; a value that has a divisor takes no offset.
 */
export interface ScaleOffsetNode extends NodeFields {
  readonly op: 'scaleOffset';
  readonly scale: Weights;
  readonly offset?: Weights;
  /** Default 1. */
  readonly over?: number;
}

/** `(x · scale + offset) / over`. */
export const scaleOffsetOp: OpDefinition<ScaleOffsetNode> = {
  form: { scale: weights, offset: v.optional(weights), over: v.optional(v.number()) },
  arity: 1,
  allowsDivisor: true,
  takes: 'both',
  infer(node, [x]) {
    checkBroadcast(node.name, 'scale', node.scale, x);
    if (node.offset !== undefined) checkBroadcast(node.name, 'offset', node.offset, x);
    const { over = 1 } = node;
    if (!Number.isInteger(over) || over < 1 || over % 2 === 0) {
      throw new GraphError(
        node.name,
        `over is ${over}`,
        'use an odd whole number from 1; powers of two belong to scale',
      );
    }
    if (x.divisor !== 1 && node.offset !== undefined) {
      throw new GraphError(
        node.name,
        `its input is still to be divided by ${x.divisor}, which an offset is not`,
        'put a requantize before it, or add the offset to a value with the same divisor',
      );
    }
    const shape = commonShape(commonShape(x.ranges.shape, node.scale.shape), node.offset?.shape ?? node.scale.shape);
    const source = broadcastIndices(x.ranges.shape, shape);
    let bound = 0n;
    const intervals = factorsOf(
      node,
      shape,
      Array.from(source, (index) => rangeAt(x.ranges, index)),
    ).map(({ range, scale, offset, f }) => {
      const sum = emptySum();
      addTerm(sum, scale, range);
      addTerm(sum, offset, ONE);
      bound = max(bound, partialBound(sum));
      const result = { lo: sum.lo, hi: sum.hi, f };
      return x.slots === undefined ? result : withZero(result);
    });
    return { shape: x.shape, ...listOf(x), divisor: x.divisor * over, ranges: rangesOf(shape, intervals), bound };
  },
  prepare(node, [x], _, wide) {
    const period = periodShape(x.inferred);
    const factors = factorsOf(node, period, expandRanges(x.inferred.ranges, period));
    const scale = constants(
      factors.map((factor) => factor.scale),
      wide,
    );
    const offset = constants(
      factors.map((factor) => factor.offset),
      wide,
    );
    return ([value]) => {
      const codes = allocateCodes(value.codes.length, wide);
      const from = asNumbers(value.codes);
      const to = asNumbers(codes);
      const size = scale.length;
      for (let base = 0, slot = 0; base < to.length; base += size, slot++) {
        if (value.kind === 'list' && value.valid[slot] === 0) continue;
        for (let j = 0; j < size; j++) to[base + j] = from[base + j] * scale[j] + offset[j];
      }
      return { value: { ...value, codes }, overflow: 0 };
    };
  },
};

interface Factor {
  readonly range: Interval;
  readonly scale: bigint;
  readonly offset: bigint;
  readonly f: number;
}

/** Scale and offset of every element on the scale of its result; a factor that cannot matter is 0. */
function factorsOf(
  { scale, offset }: ScaleOffsetNode,
  shape: readonly number[],
  ranges: readonly Interval[],
): Factor[] {
  const scales = expandCodes(scale, shape);
  const offsets = offset === undefined ? scales.map(() => 0n) : expandCodes(offset, shape);
  return ranges.map((range, j) => {
    const live = !isZero(range) && scales[j] !== 0n;
    const shifted = offsets[j] !== 0n;
    const productF = range.f + scale.f;
    const f = live && shifted ? Math.max(productF, offset!.f) : shifted ? offset!.f : live ? productF : 0;
    return {
      range,
      scale: live ? scales[j] << BigInt(f - productF) : 0n,
      offset: shifted ? offsets[j] << BigInt(f - offset!.f) : 0n,
      f,
    };
  });
}
