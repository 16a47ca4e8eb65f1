import { describe, expect, it } from 'vitest';
import { randomSource } from '../../data/random.ts';
import { OptionError } from '../../option-error.ts';
import { branchAndCut } from './mixed-integer.ts';
import type { KnapsackProblem } from './problem.ts';
import { type KnapsackSolver, solveKnapsack } from './solve-knapsack.ts';

const exact = ['branch_bound', 'CBC_MIP'] as const;
const all: readonly KnapsackSolver[] = ['dynamic', 'greedy', ...exact];

/** Instances per run. The mixed-integer solver takes most of the time: it gets every tenth, with SP_KNAPSACKS every one. */
const instances = Number(process.env.SP_KNAPSACKS ?? 2000);
const sparse = process.env.SP_KNAPSACKS === undefined ? 10 : 1;

describe('solveKnapsack', () => {
  it.each(all)('%s solves the one-row example', async (solver) => {
    const problem = { values: [4, 5, 6, 8, 3], weights: [[2, 5, 3, 2, 5]], capacity: [8] };
    expect(await solveKnapsack(problem, { solver })).toMatchObject({ value: 18, selected: [0, 2, 3] });
  });

  const weights = [
    [3, 1, 4, 5, 5],
    [3, 2, 4, 1, 2],
  ];

  it.each(['greedy', ...exact] as const)('%s solves the two-row example', async (solver) => {
    const problem = { values: [10, 2, 6, 12, 3], weights, capacity: [8, 7] };
    expect(await solveKnapsack(problem, { solver })).toMatchObject({ value: 22, selected: [0, 3] });
  });

  it('takes the most valuable items of equal weights', async () => {
    const problem = {
      values: [10, 2, 6, 8, 3],
      weights: [
        [2, 2, 2, 2, 2],
        [3, 3, 3, 3, 3],
      ],
      capacity: [7, 7],
    };
    expect(await solveKnapsack(problem)).toEqual({ value: 18, selected: [0, 3], optimal: true });
  });

  it('takes everything that fits, in order', async () => {
    const problem = { values: [10, 2, 6, 12, 3], weights, capacity: [19, 12] };
    for (const solver of all) {
      expect(await solveKnapsack(problem, { solver })).toEqual({ value: 33, selected: [0, 1, 2, 3, 4], optimal: true });
    }
    expect(await solveKnapsack({ values: [], weights: [[]], capacity: [3] })).toEqual({
      value: 0,
      selected: [],
      optimal: true,
    });
  });

  it('takes the higher index of equal items', async () => {
    const problem = { values: [5, 5, 5, 1], weights: [[2, 2, 2, 1]], capacity: [4] };
    for (const solver of all) expect((await solveKnapsack(problem, { solver })).selected).toEqual([1, 2]);
  });

  it.each<[string, Partial<KnapsackProblem> & { solver?: string }, string]>([
    ['an unknown solver', { solver: 'nope' }, "solver 'nope'"],
    ['values that are no list', { values: [[1], [1]] as never }, 'values are no list'],
    ['weights that are no lists', { weights: [1, 1] as never }, 'weights are no list of lists'],
    ['another number of weights', { weights: [[1, 1, 1]] }, 'weights[0] has 3 numbers for 2 values'],
    ['a negative value', { values: [1, -1] }, 'values[1] = -1'],
    ['NaN', { values: [1, Number.NaN] }, 'values[1] = NaN'],
    ['a negative weight', { weights: [[1, -1]] }, 'weights[0][1] = -1'],
    ['a weight that is not whole', { weights: [[1, 0.5]] }, 'weights[0][1] = 0.5'],
    ['a capacity that is not whole', { capacity: [1.5] }, 'capacity[0] = 1.5'],
    ['capacities of other rows', { capacity: [1, 1] }, 'capacity has 2 numbers'],
  ])('refuses %s', async (_, { solver = 'greedy', ...part }, message) => {
    const problem = { values: [1, 1], weights: [[1, 1]], capacity: [1], ...part };
    const solved = solveKnapsack(problem, { solver: solver as KnapsackSolver });
    await expect(solved).rejects.toThrow(OptionError);
    await expect(solved).rejects.toThrow(message);
  });

  it('refuses dynamic programming with several rows', async () => {
    const problem = {
      values: [1, 2, 3],
      weights: [
        [1, 2, 3],
        [3, 1, 1],
      ],
      capacity: [3, 3],
    };
    await expect(solveKnapsack(problem, { solver: 'dynamic' })).rejects.toThrow('dynamic solves one row; there are 2');
  });

  it('agrees with looking at every subset, and greedy within half of it', async () => {
    const random = randomSource(18);
    let compared = 0;
    for (let n = 0; n < instances; n++) {
      const problem = randomProblem(random);
      const best = bruteForce(problem);
      const rows = problem.weights.length;
      for (const solver of all) {
        if ((solver === 'dynamic' && rows > 1) || (solver === 'CBC_MIP' && n % sparse > 0)) continue;
        const { value, selected, optimal } = await solveKnapsack(problem, { solver });
        const name = `${solver} ${JSON.stringify(problem)}`;
        expect(
          selected.reduce((sum, j) => sum + problem.values[j], 0),
          name,
        ).toBe(value);
        for (let m = 0; m < rows; m++) {
          const weight = selected.reduce((sum, j) => sum + problem.weights[m][j], 0);
          expect(weight, name).toBeLessThanOrEqual(problem.capacity[m]);
        }
        if (solver !== 'greedy' || optimal) expect(Math.abs(value - best), name).toBeLessThanOrEqual(1e-9 * best);
        else if (rows === 1) expect(value, name).toBeGreaterThanOrEqual((best / 2) * (1 - 1e-9));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(2 * instances);
  });

  it('finds the same optima with HiGHS alone', async () => {
    const random = randomSource(5);
    for (let n = 0; n < 60; n++) {
      const problem = randomProblem(random);
      const { items, finished } = await branchAndCut(problem, 60);
      const value = items.reduce((sum, j) => sum + problem.values[j], 0);
      expect(finished).toBe(true);
      expect(Math.abs(value - bruteForce(problem)), JSON.stringify(problem)).toBeLessThanOrEqual(1e-9 * value);
    }
  });

  it('keeps tiny values, and what differs from others in the last places', async () => {
    const tiny = {
      values: [2e-6, 1e-6, 3e-6, 2.5e-6],
      weights: [
        [2, 1, 3, 2],
        [1, 1, 1, 3],
      ],
      capacity: [5, 3],
    };
    for (const solver of exact) expect((await solveKnapsack(tiny, { solver })).value).toBeCloseTo(5e-6, 12);
    const close = {
      values: [1, 1 + 1e-10, 1 - 1e-10, 3],
      weights: [
        [1, 1, 1, 2],
        [1, 1, 1, 1],
      ],
      capacity: [3, 2],
    };
    for (const solver of exact) expect((await solveKnapsack(close, { solver })).selected).toEqual([1, 3]);
  });

  it('never returns an item that does not fit alone', async () => {
    const problem = { values: [2, 40], weights: [[1, 9]], capacity: [5] };
    for (const solver of all) expect(await solveKnapsack(problem, { solver })).toMatchObject({ selected: [0] });
  });

  it('solves thousands of groups of several layers', async () => {
    const random = randomSource(2);
    const sizes = [1, 4, 18, 25];
    const items = Array.from({ length: 10000 }, (_, j) => ({ value: random.unit(), weight: sizes[j % 4] }));
    const problem = { values: items.map(({ value }) => value), weights: [items.map(({ weight }) => weight)] };
    const total = problem.weights[0].reduce((sum, weight) => sum + weight, 0);
    const dynamic = await solveKnapsack({ ...problem, capacity: [Math.floor(total / 2)] }, { solver: 'dynamic' });
    const search = await solveKnapsack({ ...problem, capacity: [Math.floor(total / 2)] }, { solver: 'branch_bound' });
    expect(search.optimal).toBe(true);
    expect(Math.abs(dynamic.value - search.value)).toBeLessThanOrEqual(1e-9 * dynamic.value);
  });

  it('gives the best so far when time is up', async () => {
    const random = randomSource(3);
    const row = (): number[] => Array.from({ length: 120 }, () => 100 + random.below(900));
    const problem = { values: row(), weights: [row(), row(), row(), row()], capacity: [9000, 9000, 9000, 9000] };
    const { value, selected, optimal } = await solveKnapsack(problem, { solver: 'branch_bound', timeLimit: 0.01 });
    expect(optimal).toBe(false);
    expect(value).toBeGreaterThan(0);
    for (const weights of problem.weights) {
      expect(selected.reduce((sum, j) => sum + weights[j], 0)).toBeLessThanOrEqual(9000);
    }
  });
});

type Random = ReturnType<typeof randomSource>;

/** Few items with whole, real, equal, tiny or large values; weights of 0 and heavier than the capacity happen. */
function randomProblem(random: Random, rowCount = 1 + random.below(3)): KnapsackProblem {
  const { below } = random;
  const count = 2 + below(9);
  const style = below(5);
  const value = (): number => {
    if (style === 0) return below(10);
    if (style === 1) return random.unit();
    if (style === 2) return 1 + below(2);
    return style === 3 ? random.unit() * 1e-9 : random.unit() * 1e12;
  };
  const heaviest = 1 + below([3, 12, 200][below(3)]);
  const list = (one: () => number): number[] => Array.from({ length: count }, one);
  const weights = Array.from({ length: rowCount }, () => list(() => below(heaviest + 1)));
  const capacity = weights.map((row) => below(row.reduce((sum, w) => sum + w, 1) + 1));
  return { values: list(value), weights, capacity };
}

function bruteForce({ values, weights, capacity }: KnapsackProblem): number {
  let best = 0;
  for (let set = 0; set < 1 << values.length; set++) {
    const items = Array.from(values, (_, j) => j).filter((j) => (set >> j) & 1);
    if (!weights.every((row, m) => items.reduce((sum, j) => sum + row[j], 0) <= capacity[m])) continue;
    best = Math.max(
      best,
      items.reduce((sum, j) => sum + values[j], 0),
    );
  }
  return best;
}
