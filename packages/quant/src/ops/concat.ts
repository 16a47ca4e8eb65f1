import * as v from 'valibot';
import { sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { commonShape, expandRanges, type Interval, largest, rangesOf } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { checkShape, commonDivisor } from './checks.ts';
import { listOf, type OpDefinition } from './definition.ts';
import { asNumbers } from './linear.ts';

/** Tensors one after the other along `axis`; or lists with the same active pixels along the channels (axis 2). */
export interface ConcatNode extends NodeFields {
  readonly op: 'concat';
  readonly axis: number;
}

/** Tensors one after the other along an axis. */
export const concatOp: OpDefinition<ConcatNode> = {
  form: { axis: v.number() },
  arity: 'many',
  allowsDivisor: true,
  takes: 'both',
  infer({ name, axis }, inputs) {
    const [first] = inputs;
    const rank = first.shape.length;
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
      throw new GraphError(name, `axis is ${axis}`, `use 0 … ${rank - 1} (the batch is not counted)`);
    }
    const divisor = commonDivisor(name, inputs);
    for (const input of inputs) {
      if (input.active !== first.active || (first.active !== undefined && axis !== 2)) {
        throw new GraphError(
          name,
          'a list can be concatenated with lists of one origin, along axis 2',
          'flatten the lists first',
        );
      }
      if (input.shape.length !== rank || input.shape.some((length, d) => d !== axis && length !== first.shape[d])) {
        throw new GraphError(
          name,
          `shapes [${first.shape}] and [${input.shape}]`,
          `they may differ along axis ${axis} only`,
        );
      }
    }
    const total = inputs.reduce((sum, input) => sum + input.shape[axis], 0);
    const shape = first.shape.with(axis, total);
    checkShape(name, shape);
    const common = inputs
      .map((input) => input.ranges.shape)
      .reduce(commonShape)
      .with(axis, 1);
    const outer = sizeOf(common.slice(0, axis));
    const inner = sizeOf(common.slice(axis + 1));
    const parts = inputs.map((input) => expandRanges(input.ranges, common.with(axis, input.shape[axis])));
    const intervals: Interval[] = [];
    for (let block = 0; block < outer; block++) {
      for (const [p, part] of parts.entries()) {
        const size = inputs[p].shape[axis] * inner;
        intervals.push(...part.slice(block * size, (block + 1) * size));
      }
    }
    const ranges = rangesOf(common.with(axis, total), intervals);
    return { shape, ...listOf(first), divisor, ranges, bound: largest(ranges) };
  },
  prepare({ axis }, operands, { shape, slots }, wide) {
    const inner = sizeOf(shape.slice(axis + 1));
    const sizes = operands.map(({ inferred }) => inferred.shape[axis] * inner);
    const total = shape[axis] * inner;
    const outer = slots ?? sizeOf(shape.slice(0, axis));
    return (values, { batch }) => {
      const codes = allocateCodes(batch * outer * total, wide);
      const to = asNumbers(codes);
      let offset = 0;
      values.forEach((value, p) => {
        const from = asNumbers(value.codes);
        for (let block = 0; block < batch * outer; block++) {
          for (let j = 0; j < sizes[p]; j++) to[block * total + offset + j] = from[block * sizes[p] + j];
        }
        offset += sizes[p];
      });
      const [first] = values;
      return {
        value: first.kind === 'list' ? { ...first, shape, codes } : { kind: 'dense', batch, shape, codes },
        overflow: 0,
      };
    };
  },
};
