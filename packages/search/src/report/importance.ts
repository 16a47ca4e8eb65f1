import type { Space } from '@sp/train/internal';
import { isOrdered, unitOf } from '@sp/train/tune';
import type { Objective } from '../objectives/objectives.ts';
import type { Trial } from '../study/trial.ts';

/** The best share of trials, which are compared with all. */
const BEST = 0.25;

/** Parts of an ordered parameter. */
const BINS = 6;

/** How much a parameter matters; only ratios mean something. */
export interface Importance {
  readonly name: string;
  readonly importance: number;
}

/**
 * How much each parameter of a space matters for an objective: how differently its values are spread among the best quarter of the finished trials and among all of them (Pearson's
 * divergence of the two histograms, as in PED-ANOVA, Watanabe et al. 2023). Whether a parameter exists is one of its values.
 */
export function importanceOf(
  trials: readonly Trial[],
  space: Space,
  { metric, direction }: Objective,
): readonly Importance[] {
  const sign = direction === 'min' ? 1 : -1;
  const finished = trials
    .filter(({ state }) => state === 'finished')
    .sort((a, b) => sign * (a.metrics[metric] - b.metrics[metric]) || a.number - b.number);
  const best = finished.slice(0, Math.max(1, Math.ceil(BEST * finished.length)));
  return Object.keys(space).map((name) => {
    const binOf = ({ point }: Trial): string => {
      const dimension = space[name];
      if (!Object.hasOwn(point, name)) return 'absent';
      if (!isOrdered(dimension)) return String(point[name]);
      return String(Math.min(BINS - 1, Math.floor(BINS * unitOf(dimension, point[name]))));
    };
    const counts = (some: readonly Trial[]): ReadonlyMap<string, number> => {
      const found = new Map<string, number>();
      for (const trial of some) found.set(binOf(trial), (found.get(binOf(trial)) ?? 0) + 1);
      return found;
    };
    const [all, top] = [counts(finished), counts(best)];
    const importance = [...all].reduce((sum, [bin, count]) => {
      const share = count / finished.length;
      return sum + share * ((top.get(bin) ?? 0) / best.length / share - 1) ** 2;
    }, 0);
    return { name, importance };
  });
}
