import { greatestCommonDivisor } from '@sp/quant/numeric';
import { fits, type KnapsackProblem } from './problem.ts';

/** What is left of a problem when everything that is certain is decided. */
export interface CoreProblem extends KnapsackProblem {
  /** Items of the whole problem that every solution may as well take: they weigh nothing in any row that matters. */
  readonly taken: readonly number[];
  /** Items of the whole problem behind the items here. */
  readonly items: readonly number[];
}

/**
 * Takes what costs nothing, drops what is heavier than a capacity, rows that hold everything, and common factors of a row.
 */
export function coreProblem(problem: KnapsackProblem): CoreProblem {
  const { values, weights, capacity } = problem;
  const all = Array.from({ length: values.length }, (_, j) => j);
  const possible = all.filter((j) => fits(problem, [j]));
  const rows = weights.flatMap((row, m) => {
    const total = possible.reduce((sum, j) => sum + row[j], 0);
    return total <= capacity[m] ? [] : [{ row, capacity: capacity[m] }];
  });
  const items = possible.filter((j) => rows.some(({ row }) => row[j] > 0));
  const scaled = rows.map(({ row, capacity: limit }) => {
    const factor = items.reduce((common, j) => greatestCommonDivisor(common, row[j]), 0) || 1;
    return { row: items.map((j) => row[j] / factor), capacity: Math.floor(limit / factor) };
  });
  return {
    taken: possible.filter((j) => !rows.some(({ row }) => row[j] > 0)),
    items,
    values: items.map((j) => values[j]),
    weights: scaled.map(({ row }) => row),
    capacity: scaled.map(({ capacity: limit }) => limit),
  };
}
