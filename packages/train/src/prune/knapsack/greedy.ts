import { fits, type KnapsackProblem } from './problem.ts';

/**
 * Items by descending value per share of the rows, `value / Σ_m weight_m / max_m`, until the first that does not fit; or that one alone, if it is
 * worth more. Items that do not fit alone are left out, so that for one row this is at least half the optimum. Items that weigh nothing come
 * first; rows in which nothing weighs anything do not count. (Upstream can return an item that does not fit alone, and divides by 0.)
 */
export function solveGreedy(problem: KnapsackProblem): number[] {
  const { values, weights } = problem;
  const heaviest = weights.map((row) => Array.from(row).reduce((most, weight) => Math.max(most, weight), 0));
  const share = (j: number): number =>
    weights.reduce((sum, row, m) => sum + (heaviest[m] === 0 ? 0 : row[j] / heaviest[m]), 0);
  const efficiency = Float64Array.from({ length: values.length }, (_, j) => {
    const part = share(j);
    return part === 0 ? Number.POSITIVE_INFINITY : values[j] / part;
  });
  const order = Array.from({ length: values.length }, (_, j) => j)
    .filter((j) => fits(problem, [j]))
    .sort((a, b) => (efficiency[a] === efficiency[b] ? 0 : efficiency[b] - efficiency[a]) || b - a);
  const room = Array.from(problem.capacity);
  const taken: number[] = [];
  for (const item of order) {
    if (weights.some((row, m) => row[item] > room[m])) {
      const value = taken.reduce((sum, j) => sum + values[j], 0);
      return values[item] > value ? [item] : taken;
    }
    weights.forEach((row, m) => {
      room[m] -= row[item];
    });
    taken.push(item);
  }
  return taken;
}
