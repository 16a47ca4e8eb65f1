import * as v from 'valibot';
import { sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields, Weights } from '../graph/node.ts';
import { expandRanges, type Interval, max, rangesOf, ZERO } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { checkWeights } from './checks.ts';
import type { Inferred, OpDefinition } from './definition.ts';
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

/** `y[…, u] = Σ_j x[…, j] · kernel[j, u] + bias[u]`. */
export interface DenseNode extends NodeFields {
  readonly op: 'dense';
  /** Shape `[in, out]`. */
  readonly kernel: Weights;
  /** Shape `[out]`. */
  readonly bias?: Weights;
}

/** `y[…, u] = Σ_j x[…, j] · kernel[j, u] + bias[u]`. */
export const denseOp: OpDefinition<DenseNode> = {
  form: { kernel: weights, bias: v.optional(weights) },
  arity: 1,
  allowsDivisor: false,
  takes: 'dense',
  infer(node, [x]) {
    const { name, kernel, bias } = node;
    const inputs = x.shape.at(-1);
    if (inputs === undefined)
      throw new GraphError(name, 'the input is a scalar', 'give it a last dimension to sum over');
    const outputs = kernel.shape[1] ?? 0;
    checkWeights(name, 'kernel', kernel, [inputs, outputs]);
    if (bias !== undefined) checkWeights(name, 'bias', bias, [outputs]);
    const rows = usedInputs(node, x);
    const { f } = alignment(rows);
    const scaled = scaleWeights(kernel, bias, f, outputs);
    const terms = alignIntervals(rows, f);
    const intervals: Interval[] = [];
    let bound = 0n;
    for (let row = 0; row < terms.length; row += inputs) {
      for (let u = 0; u < outputs; u++) {
        const sum = emptySum();
        for (let j = 0; j < inputs; j++) addTerm(sum, scaled.kernel[j * outputs + u], terms[row + j]);
        addTerm(sum, scaled.bias[u], ONE);
        intervals.push({ lo: sum.lo, hi: sum.hi, f: scaled.f });
        bound = max(bound, partialBound(sum));
      }
    }
    return {
      shape: [...x.shape.slice(0, -1), outputs],
      divisor: 1,
      ranges: rangesOf([...x.ranges.shape.slice(0, -1), outputs], intervals),
      bound,
    };
  },
  prepare(node, [x], { shape }, wide) {
    const inputs = x.inferred.shape.at(-1)!;
    const outputs = shape.at(-1)!;
    const align = alignment(usedInputs(node, x.inferred));
    const scaled = scaleWeights(node.kernel, node.bias, align.f, outputs);
    const kernel = constants(scaled.kernel, wide);
    const bias = constants(scaled.bias, wide);
    const zero = zeroCode(wide);
    const shifts = align.trivial ? align : { ...align, shifts: repeated(align.shifts, x.inferred) };
    return ([value], { batch }) => {
      const from = asNumbers(alignCodes(value.codes, shifts));
      const codes = allocateCodes(batch * sizeOf(shape), wide);
      const to = asNumbers(codes);
      const rows = to.length / outputs;
      for (let row = 0; row < rows; row++) {
        const out = row * outputs;
        for (let u = 0; u < outputs; u++) to[out + u] = bias[u];
        for (let j = 0; j < inputs; j++) {
          const code = from[row * inputs + j];
          if (code === zero) continue;
          const base = j * outputs;
          for (let u = 0; u < outputs; u++) to[out + u] += code * kernel[base + u];
        }
      }
      return { value: { kind: 'dense', batch, shape, codes }, overflow: 0 };
    };
  },
};

/** Intervals of the rows of inputs that differ, with those that no weight uses set to 0 so that they do not widen the scale. */
function usedInputs({ kernel }: DenseNode, x: Inferred): Interval[] {
  const [inputs, outputs] = kernel.shape;
  const used = Array.from({ length: inputs }, (_, j) => {
    for (let u = 0; u < outputs; u++) if (kernel.codes[j * outputs + u] !== 0) return true;
    return false;
  });
  const rows = expandRanges(x.ranges, [...x.ranges.shape.slice(0, -1), inputs]);
  return rows.map((interval, j) => (used[j % inputs] ? interval : ZERO));
}

/** Shifts of the differing rows, one per element of the whole tensor. */
function repeated(shifts: readonly number[], x: Inferred): number[] {
  const inputs = x.shape.at(-1)!;
  const shape = [...x.ranges.shape.slice(0, -1), inputs];
  const table = rangesOf(
    shape,
    shifts.map((f) => ({ lo: 0n, hi: 0n, f })),
  );
  return expandRanges(table, x.shape).map(({ f }) => f);
}
