import type { Highs } from 'highs';
import { type Search, solveBranchBound } from './branch-bound.ts';
import { fits, type KnapsackProblem } from './problem.ts';

/** HiGHS ignores improvements below 1e-6: values are scaled so that this is far below what matters. */
const HIGHEST_VALUE = 1e6;

let loading: Promise<Highs> | null = null;

/** The solver, loaded with its WebAssembly when it is wanted first. */
function loadHighs(): Promise<Highs> {
  // Its types are those of CommonJS, what is imported is an ES module.
  loading ??= import('highs').then((module) => (module as unknown as { default: () => Promise<Highs> }).default());
  return loading;
}

/**
 * Branch and cut with HiGHS, any number of rows. Items of the same value and weights become one whole-number variable. What it answers is rounded
 * and checked in exact arithmetic; an answer that holds only within its tolerances is replaced by that of our own search.
 *
 * @param seconds at most; the best so far then
 */
export async function solveMixedInteger(problem: KnapsackProblem, seconds: number): Promise<Search> {
  const highs = await loadHighs();
  const { values, weights, capacity } = problem;
  const kinds = kindsOf(problem);
  const highest = kinds.reduce((most, [first]) => Math.max(most, values[first]), 0);
  if (highest === 0) return { items: [], finished: true };
  const { constants, infinity } = highs;
  const count = kinds.length;
  const rows = weights.map((row) => kinds.map(([first]) => row[first]));
  const end = performance.now() + 1000 * seconds;
  const result = highs.withModel(
    {
      numCols: count,
      numRows: rows.length,
      sense: constants.objectiveSense.maximize,
      colCost: Float64Array.from(kinds, ([first]) => (values[first] / highest) * HIGHEST_VALUE),
      colLower: new Float64Array(count),
      colUpper: Float64Array.from(kinds, ({ length }) => length),
      rowLower: new Float64Array(rows.length).fill(-infinity),
      rowUpper: Float64Array.from(capacity),
      matrix: {
        format: 'csr',
        numRows: rows.length,
        numCols: count,
        starts: Int32Array.from({ length: rows.length + 1 }, (_, m) => m * count),
        indices: Int32Array.from({ length: rows.length * count }, (_, j) => j % count),
        values: Float64Array.from(rows.flat()),
      },
      integrality: new Int32Array(count).fill(constants.variableType.integer),
    },
    (model) => {
      model.options.set({ output_flag: false, mip_rel_gap: 0, mip_abs_gap: 0, random_seed: 0 });
      if (seconds < Number.POSITIVE_INFINITY) model.options.set({ time_limit: seconds });
      model.run();
      return { status: model.getModelStatus(), columns: Array.from(model.getSolution().colValue) };
    },
  );
  const finished = result.status === constants.modelStatus.optimal;
  const items = kinds.flatMap((kind, j) => kind.slice(0, Math.round(result.columns[j] ?? 0)));
  if (fits(problem, items) && (finished || result.columns.length > 0)) return { items, finished };
  return solveBranchBound(problem, () => performance.now() > end);
}

/** Items of the same value and weights, higher indices first. */
function kindsOf({ values, weights }: KnapsackProblem): number[][] {
  const kinds = new Map<string, number[]>();
  for (let j = values.length - 1; j >= 0; j--) {
    const key = `${values[j]}/${weights.map((row) => row[j]).join()}`;
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, [j]);
    else kind.push(j);
  }
  return [...kinds.values()];
}
