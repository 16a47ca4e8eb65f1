import type { Highs } from 'highs';
import { type Search, solveBranchBound } from './branch-bound.ts';
import { fixItems } from './fix-items.ts';
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

/** Visits, of 4096 nodes each, that our own search gets first: it is quicker on most problems. */
const OWN_VISITS = 300;

/**
 * Branch and cut with HiGHS, any number of rows, on the items that prices do not decide, unless a short search of our own is finished with them. Items of the same
 * value and weights become one whole-number variable. What HiGHS answers is rounded and checked in exact arithmetic.
 *
 * @param seconds at most; the best so far then
 */
export async function solveMixedInteger(problem: KnapsackProblem, seconds: number): Promise<Search> {
  const end = performance.now() + 1000 * seconds;
  const { taken, open, incumbent } = fixItems(problem);
  const worth = (items: readonly number[]): number => items.reduce((sum, j) => sum + problem.values[j], 0);
  const rest: KnapsackProblem = {
    values: open.map((j) => problem.values[j]),
    weights: problem.weights.map((row) => open.map((j) => row[j])),
    capacity: problem.weights.map((row, m) => problem.capacity[m] - taken.reduce((sum, j) => sum + row[j], 0)),
  };
  const best = { items: incumbent, finished: false };
  const offer = ({ items, finished }: Search): boolean => {
    const all = [...taken, ...items.map((j) => open[j])];
    if (worth(all) >= worth(best.items) && fits(problem, all)) best.items = all;
    best.finished ||= finished;
    return finished;
  };
  // Counted, not timed: the same choice on every machine.
  let visits = 0;
  if (offer(solveBranchBound(rest, () => ++visits > OWN_VISITS))) return best;
  offer(await branchAndCut(rest, Math.max(0.1, (end - performance.now()) / 1000)));
  return best;
}

/** HiGHS on a whole problem. An answer that holds only within its tolerances is replaced by that of our own search. */
export async function branchAndCut(problem: KnapsackProblem, seconds: number): Promise<Search> {
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
