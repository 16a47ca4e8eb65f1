import type { NodeFields } from '../graph/node.ts';
import { expandRanges, largest, rangesOf } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import type { OpDefinition } from './definition.ts';
import { asNumbers } from './linear.ts';

/** List → dense tensor `[H · W · C]`, zero where no slot is valid. */
export interface SparseFlattenNode extends NodeFields {
  readonly op: 'sparseFlatten';
}

/** List → dense tensor of the whole image, zero where no slot is valid. */
export const sparseFlattenOp: OpDefinition<SparseFlattenNode> = {
  form: {},
  arity: 1,
  allowsDivisor: true,
  movesCodes: () => true,
  takes: 'list',
  infer(_, [x]) {
    const [height, width, channels] = x.shape;
    const shape = [height * width * channels];
    const ranges =
      x.ranges.lo.length === 1 ? { ...x.ranges, shape: [1] } : rangesOf(shape, expandRanges(x.ranges, x.shape));
    return { shape, divisor: x.divisor, ranges, bound: largest(x.ranges) };
  },
  prepare(_, [x], { shape }, wide) {
    const [, width, channels] = x.inferred.shape;
    const size = shape[0];
    return ([value], { batch }) => {
      const codes = allocateCodes(batch * size, wide);
      if (value.kind === 'list') {
        const from = asNumbers(value.codes);
        const to = asNumbers(codes);
        for (let slot = 0; slot < batch * value.slots; slot++) {
          if (value.valid[slot] === 0) continue;
          const image = Math.floor(slot / value.slots) * size;
          const base = image + (value.rows[slot] * width + value.cols[slot]) * channels;
          for (let c = 0; c < channels; c++) to[base + c] = from[slot * channels + c];
        }
      }
      return { value: { kind: 'dense', batch, shape, codes }, overflow: 0 };
    };
  },
};
