import type { NodeFields } from '../graph/node.ts';
import { largest, max } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import type { OpDefinition } from './definition.ts';
import { asNumbers, zeroCode } from './linear.ts';

/** `max(0, x)` on a tensor or a list. */
export interface ReluNode extends NodeFields {
  readonly op: 'relu';
}

/** `max(0, x)`. */
export const reluOp: OpDefinition<ReluNode> = {
  form: {},
  arity: 1,
  allowsDivisor: true,
  takes: 'both',
  infer(_, [x]) {
    const ranges = {
      ...x.ranges,
      lo: x.ranges.lo.map((lo) => max(lo, 0n)),
      hi: x.ranges.hi.map((hi) => max(hi, 0n)),
    };
    return { ...x, ranges, bound: largest(x.ranges) };
  },
  prepare(_, __, ___, wide) {
    const zero = zeroCode(wide);
    return ([x]) => {
      const codes = allocateCodes(x.codes.length, wide);
      const from = asNumbers(x.codes);
      const to = asNumbers(codes);
      for (let j = 0; j < to.length; j++) if (from[j] > zero) to[j] = from[j];
      return { value: { ...x, codes }, overflow: 0 };
    };
  },
};
