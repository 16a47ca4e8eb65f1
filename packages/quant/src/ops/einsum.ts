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
import {
  einsumLoops,
  einsumOffsets,
  letterLengths,
  repeatsLetter,
  splitEquation,
  strayLetter,
} from '../numeric/einsum-equation.ts';
import { checkShape, MAX_ELEMENTS } from './checks.ts';
import type { Inferred, OpDefinition } from './definition.ts';
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
interface OperandOffsets {
  readonly out: Int32Array;
  readonly sum: Int32Array;
}

interface Plan {
  readonly shape: number[];
  readonly terms: number;
  readonly left: OperandOffsets;
  readonly right: OperandOffsets;
}

function planOf(name: string, text: string, a: readonly number[], b: readonly number[]): Plan {
  const equation = splitEquation(text);
  const all = equation === null ? [] : [...equation.operands, equation.output];
  if (
    equation === null ||
    all.length !== 3 ||
    all.some((labels) => !/^[A-Za-z]+$/.test(labels) || repeatsLetter(labels))
  ) {
    throw new GraphError(
      name,
      `equation is "${text}"`,
      'write ab,bc->ac with single letters, none twice in one operand',
    );
  }
  const shapes = [a, b];
  shapes.forEach((shape, operand) => {
    const labels = equation.operands[operand];
    if (labels.length !== shape.length) {
      throw new GraphError(
        name,
        `"${labels}" for shape [${shape}]`,
        'write one letter per dimension (the batch is not written)',
      );
    }
  });
  const lengths = letterLengths(equation.operands, shapes, (label, first, second) => {
    throw new GraphError(name, `${label} is ${first} and ${second} long`, 'equal letters need equal lengths');
  });
  const unknown = strayLetter(equation);
  if (unknown !== undefined) throw new GraphError(name, `${unknown} is in no operand`, 'use letters of the operands');
  const loops = einsumLoops(equation, lengths);
  const [left, right] = shapes.map((shape, operand): OperandOffsets => {
    const { out, sum } = einsumOffsets(equation.operands[operand], shape, loops);
    return { out: Int32Array.from(out), sum: Int32Array.from(sum) };
  });
  return { shape: [...loops.shape], terms: loops.terms, left, right };
}
