import type { KnapsackProblem } from './problem.ts';

const STEPS = 300;

/**
 * What a unit of each row's capacity is worth in the relaxed problem, where items may be cut: prices that (nearly) minimise the bound
 * `Σ_m price_m · capacity_m + Σ_j max(0, value_j − Σ_m price_m · weight_mj)`, found by going against its slope in ever smaller steps. Any prices ≥ 0
 * give a valid bound; these a sharp one.
 */
export function rowPrices({ values, weights, capacity }: KnapsackProblem): number[] {
  if (weights.length === 1) return [1];
  const count = values.length;
  // Of rows measured in their capacities, so that steps mean the same in each.
  const scale = Array.from(capacity, (limit) => 1 / Math.max(limit, 1));
  const limits = Array.from(capacity, (limit, m) => limit * scale[m]);
  let total = 0;
  for (let j = 0; j < count; j++) total += values[j];
  let prices = weights.map(() => total / (weights.length * Math.max(count, 1)));
  let best = { bound: Number.POSITIVE_INFINITY, prices };
  for (let step = 0; step < STEPS; step++) {
    let bound = prices.reduce((sum, price, m) => sum + price * limits[m], 0);
    const slope = [...limits];
    for (let j = 0; j < count; j++) {
      let rest = values[j];
      for (let m = 0; m < weights.length; m++) rest -= prices[m] * scale[m] * weights[m][j];
      if (rest <= 0) continue;
      bound += rest;
      for (let m = 0; m < weights.length; m++) slope[m] -= scale[m] * weights[m][j];
    }
    if (bound < best.bound) best = { bound, prices };
    const length = Math.hypot(...slope);
    if (length === 0) break;
    const pace = (0.5 * total) / (count ** 0.5 * (1 + step) ** 0.9 * length);
    prices = prices.map((price, m) => Math.max(0, price - pace * slope[m]));
  }
  return best.prices.map((price, m) => price * scale[m]);
}
