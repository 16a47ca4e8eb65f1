import { OptionError } from '../../option-error.ts';

/** Which groups to keep: the most valuable ones whose weights stay within every row's capacity. */
export interface KnapsackProblem {
  /** Value of each item, ≥ 0. */
  readonly values: ArrayLike<number>;
  /** Whole numbers ≥ 0, `[rows][items]`. */
  readonly weights: readonly ArrayLike<number>[];
  /** Whole numbers ≥ 0, one per row. */
  readonly capacity: ArrayLike<number>;
}

/** Items taken, in ascending order, and their value. */
export interface KnapsackSolution {
  readonly value: number;
  readonly selected: readonly number[];
  /** Whether no other choice is worth more; false of `greedy` and of a search that ran out of time. */
  readonly optimal: boolean;
}

/** Checks in upstream's order (hls4ml §1.5). @throws OptionError */
export function checkProblem({ values, weights, capacity }: KnapsackProblem): void {
  const where = 'solveKnapsack';
  if (!isNumbers(values)) throw new OptionError(`${where}: values are no list of numbers; give one per item`);
  if (!isList(weights) || !Array.from(weights as ArrayLike<unknown>).every(isNumbers)) {
    throw new OptionError(`${where}: weights are no list of lists of numbers; give one list of weights per constraint`);
  }
  const row = weights.findIndex(({ length }) => length !== values.length);
  if (row >= 0) {
    throw new OptionError(`${where}: weights[${row}] has ${weights[row].length} numbers for ${values.length} values`);
  }
  const refuse = (list: ArrayLike<number>, name: string, isGood: (x: number) => boolean, expected: string): void => {
    for (let j = 0; j < list.length; j++) {
      if (!isGood(list[j])) throw new OptionError(`${where}: ${name}[${j}] = ${list[j]}; expected ${expected}`);
    }
  };
  refuse(values, 'values', (x) => x >= 0 && Number.isFinite(x), 'a finite number ≥ 0');
  weights.forEach((list, m) => {
    refuse(list, `weights[${m}]`, (x) => Number.isSafeInteger(x) && x >= 0, 'a whole number ≥ 0');
  });
  if (!isNumbers(capacity)) throw new OptionError(`${where}: capacity is no list of numbers; give one per constraint`);
  if (capacity.length !== weights.length) {
    throw new OptionError(`${where}: capacity has ${capacity.length} numbers for ${weights.length} lists of weights`);
  }
  refuse(capacity, 'capacity', (x) => Number.isSafeInteger(x) && x >= 0, 'a whole number ≥ 0');
}

/** The solution with these items. */
export function solutionOf({ values }: KnapsackProblem, items: Iterable<number>, optimal: boolean): KnapsackSolution {
  const selected = [...items].sort((a, b) => a - b);
  return { value: selected.reduce((sum, item) => sum + values[item], 0), selected, optimal };
}

/** Whether the items stay within every capacity. */
export function fits({ weights, capacity }: KnapsackProblem, items: readonly number[]): boolean {
  return weights.every((row, m) => items.reduce((sum, item) => sum + row[item], 0) <= capacity[m]);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function isNumbers(value: unknown): value is ArrayLike<number> {
  return isList(value) && (!Array.isArray(value) || value.every((x) => typeof x === 'number'));
}
