import { type Equation, labelSizes, parseEquation } from '../ops/einsum-equation.ts';
import type { AttentionEquations } from './attention-equations.ts';

/** An einsum of data of known shapes. */
export interface SizedEquation extends Equation {
  /** Length of each letter; the batch has 1. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** The sums of products inside an attention. */
export interface AttentionGeometry {
  /** Keys and queries to scores. */
  readonly scores: SizedEquation;
  /** Weights and values to a mixture for every query. */
  readonly mixture: SizedEquation;
}

/** Zeros and ones that broadcast to the scores. */
export interface AttentionMask {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * @param shapes of keys, queries and values in heads, batch (1) included
 * @throws naming `where` when they do not fit each other
 */
export function attentionGeometry(
  equations: AttentionEquations,
  shapes: Readonly<Record<'keys' | 'queries' | 'values', readonly number[]>>,
  where: string,
): AttentionGeometry {
  const sized = (text: string, operands: readonly (readonly number[])[]): SizedEquation => {
    const equation = parseEquation(
      text,
      operands.map(({ length }) => length),
      where,
    );
    return { ...equation, sizes: labelSizes(equation.operands, operands, where) };
  };
  const scores = sized(equations.scores, [shapes.keys, shapes.queries]);
  return { scores, mixture: sized(equations.mixture, [extents(scores, scores.output), shapes.values]) };
}

/** Lengths of the axes with these letters. */
export function extents({ sizes }: SizedEquation, labels: string): number[] {
  return [...labels].map((label) => sizes.get(label) as number);
}

/** Query positions down, key positions across: a query sees keys up to its own place. */
export function causalMask(scores: SizedEquation): AttentionMask {
  const shape = extents(scores, scores.output);
  const [queries, keys] = shape.slice(-2);
  return {
    shape: [...shape.slice(0, -2).map(() => 1), queries, keys],
    values: Float32Array.from({ length: queries * keys }, (_, j) => (j % keys <= Math.floor(j / keys) ? 1 : 0)),
  };
}
