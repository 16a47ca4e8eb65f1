import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields, Weights } from '../graph/node.ts';
import { expandRanges, type Interval, isZero, max, min, rangesOf, ZERO } from '../graph/ranges.ts';
import { allocateCodes, type ListValue } from '../interpret/values.ts';
import { checkInteger, checkWeights } from './checks.ts';
import { type Inferred, listOf, type OpDefinition } from './definition.ts';
import { weights } from './form.ts';
import {
  addTerm,
  alignCodes,
  alignIntervals,
  alignment,
  asNumbers,
  constants,
  emptySum,
  ONE,
  partialBound,
  scaleWeights,
  zeroCode,
} from './linear.ts';
import { neighbourSearch } from './neighbours.ts';

/**
 * Cross-correlation restricted to the valid slots (stride 1, same active set in and out), odd kernel, zero padding.
 * `bias` of filter f is added where the accumulated value of (slot, f) is not 0.
 */
export interface SparseConv2dNode extends NodeFields {
  readonly op: 'sparseConv2d';
  readonly slots: number;
  /** Shape `[kh, kw, C, F]`. */
  readonly kernel: Weights;
  /** Shape `[F]`. */
  readonly bias?: Weights;
}

/** Cross-correlation among the valid slots; bias only where the sum is not 0. */
export const sparseConv2dOp: OpDefinition<SparseConv2dNode> = {
  form: { slots: v.number(), kernel: weights, bias: v.optional(weights) },
  arity: 1,
  allowsDivisor: false,
  takes: 'list',
  infer(node, [x]) {
    const { name, kernel, bias } = node;
    const [kh, kw, , filters] = kernel.shape;
    checkInteger(name, 'slots', node.slots, 1);
    if (node.slots !== x.slots) {
      throw new GraphError(
        name,
        `slots is ${node.slots}`,
        `a sparse convolution keeps the ${x.slots} slots of its input`,
      );
    }
    checkWeights(name, 'kernel', kernel, [kh, kw, x.shape[2], filters]);
    if (kh % 2 === 0 || kw % 2 === 0) {
      throw new GraphError(name, `the kernel is ${kh} × ${kw}`, 'use odd sizes: an even window has no centre pixel');
    }
    if (bias !== undefined) checkWeights(name, 'bias', bias, [filters]);
    const channels = usedChannels(node, x);
    const { f } = alignment(channels);
    const scaled = scaleWeights(kernel, bias, f, filters);
    const terms = alignIntervals(channels, f);
    const intervals: Interval[] = [];
    let bound = 0n;
    for (let u = 0; u < filters; u++) {
      const sum = emptySum();
      for (let j = 0; j < scaled.kernel.length / filters; j++) {
        addTerm(sum, scaled.kernel[j * filters + u], terms[j % terms.length]);
      }
      intervals.push(biasedRange({ lo: sum.lo, hi: sum.hi, f: scaled.f }, scaled.bias[u]));
      addTerm(sum, scaled.bias[u], ONE);
      bound = max(bound, partialBound(sum));
    }
    return {
      shape: [x.shape[0], x.shape[1], filters],
      ...listOf(x),
      divisor: 1,
      ranges: rangesOf([1, 1, filters], intervals),
      bound,
    };
  },
  prepare(node, [x], { shape }, wide) {
    const [height, width, channels] = x.inferred.shape;
    const [kh, kw, , filters] = node.kernel.shape;
    const align = alignment(usedChannels(node, x.inferred));
    const scaled = scaleWeights(node.kernel, node.bias, align.f, filters);
    const kernel = constants(scaled.kernel, wide);
    const bias = constants(scaled.bias, wide);
    const zero = zeroCode(wide);
    const search = neighbourSearch(height, width, kh, kw, node.slots);
    return ([input], { batch }) => {
      const value = input as ListValue;
      const { slots, valid, rows, cols } = value;
      const from = asNumbers(alignCodes(value.codes, align));
      const codes = allocateCodes(batch * slots * filters, wide);
      const to = asNumbers(codes);
      for (let b = 0; b < batch; b++) {
        const count = search.find(valid, rows, cols, b * slots);
        const { pairs } = search;
        for (let t = 0; t < 3 * count; t += 3) {
          const out = pairs[t] * filters;
          const source = pairs[t + 1] * channels;
          const weights = pairs[t + 2] * channels * filters;
          for (let c = 0; c < channels; c++) {
            const code = from[source + c];
            if (code === zero) continue;
            const row = weights + c * filters;
            for (let u = 0; u < filters; u++) to[out + u] += code * kernel[row + u];
          }
        }
      }
      for (let slot = 0; slot < batch * slots; slot++) {
        if (valid[slot] === 0) continue;
        const out = slot * filters;
        for (let u = 0; u < filters; u++) if (to[out + u] !== zero) to[out + u] += bias[u];
      }
      return { value: { kind: 'list', batch, slots, shape, valid, rows, cols, codes }, overflow: 0 };
    };
  },
};

/** A sum of 0 gets no bias, so 0 stays possible; and a filter that cannot be anything but 0 never gets one. */
function biasedRange(sum: Interval, bias: bigint): Interval {
  if (isZero(sum)) return sum;
  return { lo: min(sum.lo, min(sum.lo + bias, 0n)), hi: max(sum.hi, max(sum.hi + bias, 0n)), f: sum.f };
}

/** Intervals of the channels, with those that no weight uses set to 0 so that they do not widen the scale. */
function usedChannels({ kernel }: SparseConv2dNode, x: Inferred): Interval[] {
  const [kh, kw, channels, filters] = kernel.shape;
  const used = new Array<boolean>(channels).fill(false);
  for (let j = 0; j < kh * kw * channels * filters; j++) {
    if (kernel.codes[j] !== 0) used[Math.floor(j / filters) % channels] = true;
  }
  return expandRanges(x.ranges, [1, 1, channels]).map((interval, c) => (used[c] ? interval : ZERO));
}
