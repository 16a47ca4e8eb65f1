import type { KnapsackProblem } from './problem.ts';

/**
 * Dynamic programming for one row, over lists of states instead of a table of all capacities.
 *
 * Items are ordered by value per weight. Those that fit in this order are a good start; an optimal choice differs from it in items near
 * the first that does not fit. From there items are added on one side and removed on the other, one by one: every state (weight, value) is
 * copied with and without the change, a state that is heavier and not worth more than another is dropped, and so is one that could not beat
 * the best so far even with fractions of items. What is left when no state survives is the optimum. The idea is known (Pisinger's core
 * algorithms); the states remember how they came about, so nothing is recomputed from rounded sums.
 *
 * @returns items of an optimal choice
 */
export function solveDynamic(problem: KnapsackProblem): number[] {
  const { values } = problem;
  const [weights] = problem.weights;
  const capacity = problem.capacity[0];
  const order = byEfficiency(values, weights);
  let split = 0;
  let weight = 0;
  let value = 0;
  while (split < order.length && weight + weights[order[split]] <= capacity) {
    weight += weights[order[split]];
    value += values[order[split]];
    split++;
  }
  const history = new History();
  let states: States = { weights: [weight], values: [value], last: [History.start] };
  const best = { value, last: History.start };
  let right = split;
  let left = split - 1;
  const remember = (): void => {
    for (let s = 0; s < states.weights.length; s++) {
      if (states.weights[s] <= capacity && states.values[s] > best.value) {
        best.value = states.values[s];
        best.last = states.last[s];
      }
    }
  };
  const bound = (s: number): number => {
    const room = capacity - states.weights[s];
    if (room >= 0) {
      if (right >= order.length) return states.values[s];
      return states.values[s] + (room * values[order[right]]) / weights[order[right]];
    }
    if (left < 0) return -1;
    return states.values[s] + (room * values[order[left]]) / weights[order[left]];
  };
  while (states.weights.length > 0) {
    if (right < order.length) {
      states = withChange(states, order[right], weights[order[right]], values[order[right]], history);
      right++;
      remember();
      states = surviving(states, (s) => bound(s) > best.value);
    }
    if (left >= 0 && states.weights.length > 0) {
      states = withChange(states, order[left], -weights[order[left]], -values[order[left]], history);
      left--;
      remember();
      states = surviving(states, (s) => bound(s) > best.value);
    }
    if (right >= order.length && left < 0) break;
  }
  const changed = history.items(best.last);
  return [
    ...order.slice(0, split).filter((item) => !changed.has(item)),
    ...order.slice(split).filter((item) => changed.has(item)),
  ];
}

/** Most value per weight first; of equal ones the higher index. Weights are > 0. */
export function byEfficiency(values: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  const efficiency = Float64Array.from({ length: values.length }, (_, j) => values[j] / weights[j]);
  return Array.from({ length: values.length }, (_, j) => j).sort((a, b) => efficiency[b] - efficiency[a] || b - a);
}

/** States by ascending weight, their values ascending too. */
interface States {
  readonly weights: readonly number[];
  readonly values: readonly number[];
  /** Place in the history. */
  readonly last: readonly number[];
}

/** Which items a state changed: links from state to state. */
class History {
  static readonly start = -1;
  private readonly item: number[] = [];
  private readonly before: number[] = [];

  add(item: number, before: number): number {
    this.item.push(item);
    this.before.push(before);
    return this.item.length - 1;
  }

  items(last: number): ReadonlySet<number> {
    const items = new Set<number>();
    for (let j = last; j !== History.start; j = this.before[j]) items.add(this.item[j]);
    return items;
  }
}

/** All states with and without a change, merged by weight, without those that are heavier and not worth more. */
function withChange(states: States, item: number, weight: number, value: number, history: History): States {
  const merged = { weights: [] as number[], values: [] as number[], last: [] as number[] };
  const count = states.weights.length;
  let highest = Number.NEGATIVE_INFINITY;
  for (let kept = 0, changed = 0; kept < count || changed < count; ) {
    const w = kept < count ? states.weights[kept] : Number.POSITIVE_INFINITY;
    const v = changed < count ? states.weights[changed] + weight : Number.POSITIVE_INFINITY;
    const takesKept = w < v || (w === v && states.values[kept] >= states.values[changed] + value);
    const from = takesKept ? kept++ : changed++;
    const worth = takesKept ? states.values[from] : states.values[from] + value;
    if (worth <= highest) continue;
    highest = worth;
    merged.weights.push(takesKept ? w : v);
    merged.values.push(worth);
    merged.last.push(takesKept ? states.last[from] : history.add(item, states.last[from]));
  }
  return merged;
}

function surviving(states: States, survives: (s: number) => boolean): States {
  const indices = states.weights.map((_, s) => s).filter(survives);
  if (indices.length === states.weights.length) return states;
  const pick = (list: readonly number[]): number[] => indices.map((s) => list[s]);
  return { weights: pick(states.weights), values: pick(states.values), last: pick(states.last) };
}
