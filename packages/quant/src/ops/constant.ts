import { sizeOf } from '../format/format-table.ts';
import type { NodeFields, Weights } from '../graph/node.ts';
import { largest, rangesOf } from '../graph/ranges.ts';
import { checkShape, checkWeights } from './checks.ts';
import type { OpDefinition } from './definition.ts';
import { weights } from './form.ts';

/** A constant tensor. */
export interface ConstantNode extends NodeFields {
  readonly op: 'constant';
  readonly value: Weights;
}

/** A tensor of constants. */
export const constantOp: OpDefinition<ConstantNode> = {
  form: { value: weights },
  arity: 0,
  allowsDivisor: false,
  takes: 'dense',
  infer({ name, value }) {
    checkShape(name, value.shape);
    checkWeights(name, 'value', value, value.shape);
    const ranges = rangesOf(
      value.shape,
      value.codes.map((code) => ({ lo: BigInt(code), hi: BigInt(code), f: value.f })),
    );
    return { shape: value.shape, divisor: 1, ranges, bound: largest(ranges) };
  },
  prepare({ value }, _, __, wide) {
    const size = sizeOf(value.shape);
    return (_, { batch }) => {
      const codes = wide
        ? Array.from({ length: batch * size }, (_, j) => BigInt(value.codes[j % size]))
        : Float64Array.from({ length: batch * size }, (_, j) => value.codes[j % size]);
      return { value: { kind: 'dense', batch, shape: value.shape, codes }, overflow: 0 };
    };
  },
};
