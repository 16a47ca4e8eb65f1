import { OptionError } from '../../option-error.ts';
import { solveBranchBound } from './branch-bound.ts';
import { coreProblem } from './core-problem.ts';
import { solveDynamic } from './dynamic.ts';
import { solveGreedy } from './greedy.ts';
import { solveMixedInteger } from './mixed-integer.ts';
import { checkProblem, fits, type KnapsackProblem, type KnapsackSolution, solutionOf } from './problem.ts';

/**
 * How the best groups are found, by upstream's names: `dynamic` programming (one row), `greedy` (not exact), `branch_bound`, and `CBC_MIP`, a mixed-integer
 * program (HiGHS here).
 */
export type KnapsackSolver = 'dynamic' | 'greedy' | 'branch_bound' | 'CBC_MIP';

const solvers: readonly KnapsackSolver[] = ['dynamic', 'greedy', 'branch_bound', 'CBC_MIP'];

/** How to solve. */
export interface KnapsackOptions {
  /** Default `'CBC_MIP'`. */
  readonly solver?: KnapsackSolver;
  /** Seconds after which `branch_bound` and `CBC_MIP` give the best so far. Default: none. */
  readonly timeLimit?: number;
}

/**
 * The most valuable items whose weights stay within the capacity of every row (hls4ml §1.5, there `solve_knapsack`).
 *
 * `dynamic`, `branch_bound` and `CBC_MIP` are exact. A problem of which one row is left after what is certain was decided is solved by
 * `dynamic` under the name of `CBC_MIP` too. Of items of the same value and weights the higher index is taken first. Upstream multiplies
 * values by 1e5 and cuts them to whole numbers; here they stay as they are.
 *
 * @throws OptionError for an unknown solver, lists of different lengths, negative values or weights, weights and capacities that are not
 * whole, and `dynamic` with several rows
 * @example
 * await solveKnapsack({ values: [4, 5, 6, 8, 3], weights: [[2, 5, 3, 2, 5]], capacity: [8] }); // value 18, selected 0, 2, 3
 */
export async function solveKnapsack(
  problem: KnapsackProblem,
  options: KnapsackOptions = {},
): Promise<KnapsackSolution> {
  const { solver = 'CBC_MIP', timeLimit = Number.POSITIVE_INFINITY } = options;
  checkSolver(solver, 'solveKnapsack');
  if (!(timeLimit > 0)) throw new OptionError(`solveKnapsack: timeLimit ${timeLimit} is not a number of seconds > 0`);
  checkProblem(problem);
  const { values, weights, capacity } = problem;
  const all = Array.from({ length: values.length }, (_, j) => j);
  if (fits(problem, all)) return solutionOf(problem, all, true);
  if (weights.every((row) => all.every((j) => row[j] === row[0]))) {
    const possible = Math.min(
      ...weights.map((row, m) => (row[0] === 0 ? all.length : Math.floor(capacity[m] / row[0]))),
    );
    const order = all.sort((a, b) => values[b] - values[a] || b - a);
    return solutionOf(problem, order.slice(0, possible), true);
  }
  if (solver === 'dynamic' && weights.length !== 1) {
    throw new OptionError(
      `solveKnapsack: dynamic solves one row; there are ${weights.length}. Use branch_bound or CBC_MIP`,
    );
  }
  if (solver === 'greedy') return solutionOf(problem, solveGreedy(problem), false);
  const core = coreProblem(problem);
  const { items, finished } = await solveCore(core, solver, timeLimit);
  return solutionOf(problem, [...core.taken, ...items.map((item) => core.items[item])], finished);
}

/** @throws OptionError unless `solver` names one */
export function checkSolver(solver: unknown, where: string): void {
  if (solvers.includes(solver as KnapsackSolver)) return;
  throw new OptionError(`${where}: solver '${String(solver)}' is none of ${solvers.join(', ')}`);
}

async function solveCore(
  core: KnapsackProblem,
  solver: Exclude<KnapsackSolver, 'greedy'>,
  timeLimit: number,
): Promise<{ readonly items: readonly number[]; readonly finished: boolean }> {
  if (core.weights.length === 0) return { items: [], finished: true };
  if (solver === 'dynamic' || (solver === 'CBC_MIP' && core.weights.length === 1)) {
    return { items: solveDynamic(core), finished: true };
  }
  if (solver === 'CBC_MIP') return solveMixedInteger(core, timeLimit);
  const end = performance.now() + 1000 * timeLimit;
  return solveBranchBound(core, () => performance.now() > end);
}
