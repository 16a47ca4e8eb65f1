import { byEfficiency } from './dynamic.ts';
import { solveGreedy } from './greedy.ts';
import type { KnapsackProblem } from './problem.ts';
import { rowPrices } from './row-prices.ts';

/** Items of the best choice found, and whether the search was finished. */
export interface Search {
  readonly items: readonly number[];
  readonly finished: boolean;
}

/**
 * Depth-first search with any number of rows. Rows are added up to one, with the prices of the relaxed problem; fractions of items in that row
 * bound what a branch can reach. Of items that weigh the same in all rows the less valuable are taken after the others only.
 *
 * @param isLate asked now and then; ends the search
 */
export function solveBranchBound(problem: KnapsackProblem, isLate: () => boolean): Search {
  const { values, weights } = problem;
  const prices = rowPrices(problem);
  const priced = (amounts: (m: number) => number): number =>
    prices.reduce((sum, price, m) => sum + price * amounts(m), 0);
  const cost = Float64Array.from({ length: values.length }, (_, j) =>
    Math.max(
      priced((m) => weights[m][j]),
      Number.MIN_VALUE,
    ),
  );
  const order = byEfficiency(values, cost);
  const count = order.length;
  const costs = sums(order, cost);
  const worths = sums(order, values);
  const before = sameBefore(order, weights);
  // Sums in another order differ in the last bits: a branch has to promise more than that.
  const noise = 1e-12 * worths[count];
  const room = Array.from(problem.capacity);

  /** What the items from `depth` on can add at most. */
  const bound = (depth: number): number => {
    const limit = costs[depth] + priced((m) => room[m]);
    let low = depth;
    let high = count;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (costs[middle] <= limit) low = middle;
      else high = middle - 1;
    }
    const whole = worths[low] - worths[depth];
    return low === count ? whole : whole + ((limit - costs[low]) * values[order[low]]) / cost[order[low]];
  };

  let best = solveGreedy(problem);
  let bestValue = best.reduce((sum, j) => sum + values[j], 0);
  const isTaken = new Uint8Array(count);
  /** Value of what is taken before a depth. */
  const valueAt = new Float64Array(count + 1);
  for (let depth = 0, nodes = 0; ; ) {
    while (depth < count && valueAt[depth] + bound(depth) > bestValue + noise) {
      if ((++nodes & 4095) === 0 && isLate()) return { items: best, finished: false };
      const item = order[depth];
      const isAllowed = before[depth] === -1 || isTaken[before[depth]] === 1;
      const takes = isAllowed && weights.every((row, m) => row[item] <= room[m]);
      isTaken[depth] = takes ? 1 : 0;
      valueAt[depth + 1] = valueAt[depth] + (takes ? values[item] : 0);
      if (takes) for (let m = 0; m < room.length; m++) room[m] -= weights[m][item];
      depth++;
    }
    if (valueAt[depth] > bestValue) {
      bestValue = valueAt[depth];
      best = order.slice(0, depth).filter((_, d) => isTaken[d] === 1);
    }
    do depth--;
    while (depth >= 0 && isTaken[depth] === 0);
    if (depth < 0) return { items: best, finished: true };
    // The other branch: without the item.
    const item = order[depth];
    for (let m = 0; m < room.length; m++) room[m] += weights[m][item];
    isTaken[depth] = 0;
    valueAt[depth + 1] = valueAt[depth];
    depth++;
  }
}

/** Sums of the first 0, 1, … entries in an order. */
function sums(order: readonly number[], amounts: ArrayLike<number>): Float64Array {
  const result = new Float64Array(order.length + 1);
  for (const [d, item] of order.entries()) result[d + 1] = result[d] + amounts[item];
  return result;
}

/** For every place in the order the place of the item with the same weights before it, or −1. */
function sameBefore(order: readonly number[], weights: readonly ArrayLike<number>[]): Int32Array {
  const last = new Map<string, number>();
  return Int32Array.from(order, (item, depth) => {
    const key = weights.map((row) => row[item]).join();
    const place = last.get(key) ?? -1;
    last.set(key, depth);
    return place;
  });
}
