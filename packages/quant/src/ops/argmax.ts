import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { expandRanges, largest, max, rangesOf } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import type { OpDefinition } from './definition.ts';
import { alignCodes, alignIntervals, alignment, asNumbers } from './linear.ts';

/** First position of the largest value along the last dimension: its index, or 1 there and 0 elsewhere. */
export interface ArgmaxNode extends NodeFields {
  readonly op: 'argmax';
  readonly result: 'index' | 'oneHot';
}

/** First position of the largest value along the last dimension. */
export const argmaxOp: OpDefinition<ArgmaxNode> = {
  form: { result: v.picklist(['index', 'oneHot']) },
  arity: 1,
  allowsDivisor: true,
  takes: 'dense',
  infer({ name, result }, [x]) {
    const length = x.shape.at(-1);
    if (length === undefined) throw new GraphError(name, 'the input is a scalar', 'give it a last dimension');
    if (result !== 'index' && result !== 'oneHot')
      throw new GraphError(name, `result is ${result}`, 'use index or oneHot');
    const one = x.shape.map(() => 1);
    const top = result === 'oneHot' ? 1n : BigInt(length - 1);
    const elements = expandRanges(x.ranges, x.shape);
    const { f } = alignment(elements);
    const compared = rangesOf(x.shape, alignIntervals(elements, f));
    return {
      shape: result === 'oneHot' ? x.shape : [...x.shape.slice(0, -1), 1],
      divisor: 1,
      ranges: rangesOf(one, [{ lo: 0n, hi: top, f: 0 }]),
      bound: max(largest(compared), top),
    };
  },
  prepare({ result }, [x], { shape }, wide) {
    const align = alignment(expandRanges(x.inferred.ranges, x.inferred.shape));
    const length = x.inferred.shape.at(-1)!;
    return ([value], { batch }) => {
      const from = asNumbers(alignCodes(value.codes, align));
      const rows = from.length / length;
      const codes = allocateCodes(result === 'index' ? rows : from.length, wide);
      const one = (wide ? 1n : 1) as number;
      for (let row = 0; row < rows; row++) {
        let best = 0;
        for (let j = 1; j < length; j++) if (from[row * length + j] > from[row * length + best]) best = j;
        if (result === 'oneHot') asNumbers(codes)[row * length + best] = one;
        else asNumbers(codes)[row] = (wide ? BigInt(best) : best) as number;
      }
      return { value: { kind: 'dense', batch, shape, codes }, overflow: 0 };
    };
  },
};
