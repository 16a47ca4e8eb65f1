import * as v from 'valibot';
import { sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import {
  aligned,
  commonF,
  expandRanges,
  hull,
  isZero,
  magnitude,
  max,
  min,
  rangeAt,
  rangesOf,
} from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { checkShape, MAX_ELEMENTS } from './checks.ts';
import type { Inferred, OpDefinition } from './definition.ts';
import { mapPositions, stridesOf } from './elementwise.ts';
import { alignCodes, alignment, asNumbers } from './linear.ts';

/**
 * Sum of products of two tensors by an equation like `ij,jk->ik` (labels are single letters, batch not written, none twice in one operand).
 */
export interface EinsumNode extends NodeFields {
  readonly op: 'einsum';
  readonly equation: string;
}

/** Sum of products of two tensors. */
export const einsumOp: OpDefinition<EinsumNode> = {
  form: { equation: v.string() },
  arity: 2,
  allowsDivisor: false,
  takes: 'dense',
  infer({ name, equation }, [a, b]) {
    const plan = planOf(name, equation, a.shape, b.shape);
    checkShape(name, plan.shape);
    if (sizeOf(plan.shape) * plan.terms > MAX_ELEMENTS) {
      throw new GraphError(name, `${sizeOf(plan.shape) * plan.terms} products`, 'use at most 2^24');
    }
    const [x, y] = [total(a), total(b)];
    const products = [x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi];
    const terms = BigInt(plan.terms);
    const range = { lo: products.reduce(min) * terms, hi: products.reduce(max) * terms, f: x.f + y.f };
    const bound = [magnitude(x), magnitude(y), magnitude(x) * magnitude(y) * terms].reduce(max);
    return {
      shape: plan.shape,
      divisor: 1,
      ranges: rangesOf(
        plan.shape.map(() => 1),
        [range],
      ),
      bound,
    };
  },
  prepare({ name, equation }, [a, b], { shape }, wide) {
    const plan = planOf(name, equation, a.inferred.shape, b.inferred.shape);
    const sizes = [a, b].map(({ inferred }) => sizeOf(inferred.shape));
    const alignments = [a, b].map(({ inferred }) => alignment(expandRanges(inferred.ranges, inferred.shape)));
    return ([x, y], { batch }) => {
      const p = asNumbers(alignCodes(x.codes, alignments[0]));
      const q = asNumbers(alignCodes(y.codes, alignments[1]));
      const codes = allocateCodes(batch * plan.left.out.length, wide);
      const to = asNumbers(codes);
      for (let image = 0; image < batch; image++) {
        for (let out = 0; out < plan.left.out.length; out++) {
          const u = image * sizes[0] + plan.left.out[out];
          const v = image * sizes[1] + plan.right.out[out];
          const at = image * plan.left.out.length + out;
          for (let t = 0; t < plan.terms; t++) to[at] += p[u + plan.left.sum[t]] * q[v + plan.right.sum[t]];
        }
      }
      return { value: { kind: 'dense', batch, shape, codes }, overflow: 0 };
    };
  },
};

/** One interval for all elements, on the scale they are aligned to. */
function total({ ranges }: Inferred): { lo: bigint; hi: bigint; f: number } {
  const all = ranges.lo.map((_, j) => rangeAt(ranges, j));
  const f = commonF(all);
  return hull(all.map((interval) => (isZero(interval) ? { lo: 0n, hi: 0n, f } : aligned(interval, f))));
}

/** Offsets of an operand's elements: by output element, and by term of the sum. */
interface Offsets {
  readonly out: Int32Array;
  readonly sum: Int32Array;
}

interface Plan {
  readonly shape: number[];
  readonly terms: number;
  readonly left: Offsets;
  readonly right: Offsets;
}

function planOf(name: string, equation: string, a: readonly number[], b: readonly number[]): Plan {
  const match = /^([A-Za-z]+),([A-Za-z]+)->([A-Za-z]+)$/.exec(equation);
  const operands = match === null ? [] : [match[1], match[2]];
  if (match === null || [...operands, match[3]].some((labels) => new Set(labels).size !== labels.length)) {
    throw new GraphError(
      name,
      `equation is "${equation}"`,
      'write ab,bc->ac with single letters, none twice in one operand',
    );
  }
  const lengths = new Map<string, number>();
  [a, b].forEach((shape, operand) => {
    const labels = operands[operand];
    if (labels.length !== shape.length) {
      throw new GraphError(
        name,
        `"${labels}" for shape [${shape}]`,
        'write one letter per dimension (the batch is not written)',
      );
    }
    [...labels].forEach((label, d) => {
      if ((lengths.get(label) ?? shape[d]) !== shape[d]) {
        throw new GraphError(
          name,
          `${label} is ${lengths.get(label)} and ${shape[d]} long`,
          'equal letters need equal lengths',
        );
      }
      lengths.set(label, shape[d]);
    });
  });
  const kept = [...match[3]];
  const unknown = kept.find((label) => !lengths.has(label));
  if (unknown !== undefined) throw new GraphError(name, `${unknown} is in no operand`, 'use letters of the operands');
  const summed = [...lengths.keys()].filter((label) => !kept.includes(label));
  const shapeOf = (labels: readonly string[]): number[] => labels.map((label) => lengths.get(label)!);
  const offsets = (operand: number): Offsets => {
    const strides = stridesOf([a, b][operand]);
    const stride = (label: string): number => {
      const d = operands[operand].indexOf(label);
      return d < 0 ? 0 : strides[d];
    };
    const along = (labels: readonly string[]): Int32Array =>
      mapPositions(shapeOf(labels), (position) => position.reduce((sum, at, d) => sum + at * stride(labels[d]), 0));
    return { out: along(kept), sum: along(summed) };
  };
  return { shape: shapeOf(kept), terms: sizeOf(shapeOf(summed)), left: offsets(0), right: offsets(1) };
}
