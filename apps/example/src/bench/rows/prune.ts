import { randomSource } from '@sp/train';
import { type KnapsackProblem, type KnapsackSolver, solveKnapsack } from '@sp/train/prune';
import { type BenchGroup, secondsOnce } from '../row.ts';

/** Choosing the groups of weights to keep: one row of capacities, and several. */
export const prune: BenchGroup = {
  name: 'prune',
  about: 'the groups of weights to keep: knapsacks with one and with three constraints',
  run: async (report) => {
    const random = randomSource(18);
    const list = (length: number, one: () => number): number[] => Array.from({ length }, one);
    const problem = (groups: number, constraints: number, weight: () => number): KnapsackProblem => {
      const weights = list(constraints, () => 0).map(() => list(groups, weight));
      const capacity = weights.map((row) => Math.floor(row.reduce((sum, w) => sum + w, 0) / 2));
      return { values: list(groups, () => random.unit()), weights, capacity };
    };
    const layers = [1, 4, 18, 25];
    // Without what is loaded and compiled once.
    await solveKnapsack(problem(30, 3, () => 1 + random.below(9)));
    const measured: readonly (readonly [string, KnapsackSolver, KnapsackProblem])[] = [
      ['10,000 groups of 4 layers', 'dynamic', problem(10_000, 1, () => layers[random.below(4)])],
      ['10,000 groups that weigh 1 to 100', 'dynamic', problem(10_000, 1, () => 1 + random.below(100))],
      ['200 groups that weigh 1 to 100, 3 constraints', 'CBC_MIP', problem(200, 3, () => 1 + random.below(100))],
      ['2,000 groups of 4 layers, 2 constraints', 'CBC_MIP', problem(2000, 2, () => layers[random.below(4)])],
    ];
    for (const [name, solver, one] of measured) {
      const { result, seconds } = await secondsOnce(() => solveKnapsack(one, { solver }));
      const note = result.optimal ? 'optimal' : 'not proven optimal';
      report({ name: `${solver}: ${name}`, value: seconds, unit: 's', note, more: { value: result.value } });
    }
  },
};
