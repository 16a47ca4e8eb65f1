import { OptionError } from '@sp/train';
import { type KnapsackProblem, type KnapsackSolver, solveKnapsack } from '@sp/train/prune';
import { asList, asNumber, asRow, asRows, asText, type Row } from '../legacy/fixture.ts';
import { absolute, type Check, missing, relative } from '../parity/compare.ts';
import { laterRefusal } from './refusal.ts';

const solvers: readonly KnapsackSolver[] = ['dynamic', 'greedy', 'branch_bound', 'CBC_MIP'];

/** Solves every instance with every solver; one group per solver. */
export async function checkKnapsack(content: unknown): Promise<readonly Check[]> {
  const file = asRow(content, 'the file');
  const checks: Check[] = [];
  for (const [j, row] of asRows(file['rows'], 'rows').entries()) checks.push(...(await checkRow(row, `rows[${j}]`)));
  for (const [j, row] of asRows(file['errors'] ?? [], 'errors').entries()) {
    const what = `errors[${j}] ${asText(row['case'], `errors[${j}].case`)}`;
    const problem = row as unknown as KnapsackProblem;
    const solver = asText(row['implementation'], `errors[${j}].implementation`) as KnapsackSolver;
    checks.push(await laterRefusal('errors', what, () => solveKnapsack(problem, { solver }), OptionError));
  }
  if (file['empty'] !== undefined) {
    const { value, selected } = asRow(file['empty'], 'empty');
    for (const solver of solvers) {
      const found = await solveKnapsack({ values: [], weights: [[]], capacity: [1] }, { solver });
      checks.push(
        absolute(
          solver,
          'empty',
          [found.value, found.selected.length],
          [asNumber(value, 'empty.value'), asList(selected, 'empty.selected').length],
          0,
        ),
      );
    }
  }
  return checks;
}

async function checkRow(row: Row, where: string): Promise<readonly Check[]> {
  const numbers = (value: unknown, at: string): number[] => asList(value, at).map((x, j) => asNumber(x, `${at}[${j}]`));
  const problem: KnapsackProblem = {
    values: numbers(row['values'], `${where}.values`),
    weights: asList(row['weights'], `${where}.weights`).map((list, m) => numbers(list, `${where}.weights[${m}]`)),
    capacity: numbers(row['capacity'], `${where}.capacity`),
  };
  const optimum = asNumber(row['optimum'], `${where}.optimum`);
  const sets = asList(row['optimal_sets'] ?? [], `${where}.optimal_sets`).map((set, k) =>
    numbers(set, `${where}.optimal_sets[${k}]`).join(),
  );
  const isComplete = row['optimal_count'] === sets.length;
  const upstream = asRow(row['upstream'] ?? {}, `${where}.upstream`);
  const unknown = Object.keys(upstream).filter((solver) => !solvers.includes(solver as KnapsackSolver));
  const checks: Check[] = unknown.map((solver) => missing(solver, `${where}: nothing here knows this solver`));
  for (const solver of solvers) {
    const what = `${where} (${String(row['note'] ?? 'whole values')})`;
    const recorded = asRow(upstream[solver] ?? {}, `${where}.upstream.${solver}`);
    if (solver === 'dynamic' && /single-dimensional/.test(String(recorded['error']))) {
      checks.push(await laterRefusal(solver, what, () => solveKnapsack(problem, { solver }), OptionError));
      continue;
    }
    const { value, selected } = await solveKnapsack(problem, { solver });
    const overweight = problem.weights.map((list, m) =>
      Math.max(0, selected.reduce((sum, j) => sum + list[j], 0) - problem.capacity[m]),
    );
    checks.push(
      absolute(
        solver,
        `${what}: overweight`,
        overweight,
        overweight.map(() => 0),
        0,
      ),
    );
    const worth = selected.reduce((sum, j) => sum + problem.values[j], 0);
    checks.push(relative(solver, `${what}: value of its items`, value, worth, 1e-12));
    if (solver !== 'greedy') {
      checks.push(relative(solver, `${what}: optimum`, value, optimum, 1e-9));
      if (isComplete)
        checks.push(absolute(solver, `${what}: an optimal set`, [sets.includes(selected.join()) ? 0 : 1], [0], 0));
    } else if (problem.weights.length === 1) {
      // Its proven bound.
      checks.push(
        absolute(solver, `${what}: half the optimum`, [Math.max(0, optimum / 2 - value)], [0], 1e-9 * optimum),
      );
    }
  }
  return checks;
}
