import { byEfficiency } from './dynamic.ts';
import { solveGreedy } from './greedy.ts';
import type { KnapsackProblem } from './problem.ts';
import { rowPrices } from './row-prices.ts';

/** A problem in which some items are decided. */
export interface FixedItems {
  /** Items that every better choice than `incumbent` takes. */
  readonly taken: readonly number[];
  /** Items that are not decided. */
  readonly open: readonly number[];
  /** A good choice. */
  readonly incumbent: readonly number[];
}

/**
 * Decides items by their prices: one whose value is far above or below what it costs, taken the other way, would push the bound below a choice that is
 * known. What is left is a small core, whatever the number of items.
 */
export function fixItems(problem: KnapsackProblem): FixedItems {
  const { values, weights, capacity } = problem;
  const prices = rowPrices(problem);
  const cost = Float64Array.from({ length: values.length }, (_, j) =>
    weights.reduce((sum, row, m) => sum + prices[m] * row[j], 0),
  );
  const all = Array.from({ length: values.length }, (_, j) => j);
  let bound = prices.reduce((sum, price, m) => sum + price * capacity[m], 0);
  for (const j of all) bound += Math.max(0, values[j] - cost[j]);
  const worth = (items: readonly number[]): number => items.reduce((sum, j) => sum + values[j], 0);
  const greedy = solveGreedy(problem);
  const priced = filled(
    problem,
    byEfficiency(
      values,
      cost.map((c) => Math.max(c, Number.MIN_VALUE)),
    ),
  );
  const incumbent = worth(priced) > worth(greedy) ? priced : greedy;
  // Sums in another order differ in the last bits.
  const gap = bound - worth(incumbent) + 1e-9 * bound;
  return {
    taken: all.filter((j) => values[j] - cost[j] > gap),
    open: all.filter((j) => Math.abs(values[j] - cost[j]) <= gap),
    incumbent,
  };
}

/** Items in an order, each that still fits. */
function filled(problem: KnapsackProblem, order: readonly number[]): number[] {
  const room = Array.from(problem.capacity);
  return order.filter((j) => {
    if (problem.weights.some((row, m) => row[j] > room[m])) return false;
    problem.weights.forEach((row, m) => {
      room[m] -= row[j];
    });
    return true;
  });
}
