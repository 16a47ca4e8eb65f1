import { randomSource } from '../../data/random.ts';
import { OptionError } from '../../option-error.ts';
import { checkOptionNames } from '../../option-names.ts';
import { defaultPoint, type Point } from '../space.ts';
import { ranked, type Sampler } from '../trial.ts';
import { likeTheGood } from './parzen.ts';
import { newRandomPoint, triedKeys } from './random-sampler.ts';

/** How a Bayesian search goes. */
export interface BayesianOptions {
  /** Random trials before anything is concluded from them. Default: 3, and one more per parameter, 10 at most. */
  readonly startup?: number;
  /** Points that are weighed against each other for every trial. Default 64. */
  readonly candidates?: number;
}

/**
 * Tries what looks most like the good trials and least like the others: the tree of Parzen estimators (Bergstra et al. 2011), over all
 * parameters together, as BOHB has it (Falkner et al. 2018). Densities of good and of bad points are sums of one kernel per trial and an
 * even one; of candidates that are drawn from the first, the one with the highest ratio is tried. No point is tried twice.
 *
 * The first trial is the point of the defaults, if all parameters have one.
 *
 * @throws OptionError for numbers that are not whole and ≥ 1
 */
export function bayesianSampler(options: BayesianOptions = {}): Sampler {
  checkOptionNames(options, ['startup', 'candidates'], 'bayesianSampler');
  const { startup, candidates = 64 } = options;
  for (const [name, value] of Object.entries({ startup: startup ?? 1, candidates })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new OptionError(`bayesianSampler: ${name} ${value} is not a whole number ≥ 1`);
    }
  }
  return {
    name: 'Bayesian',
    settings: { startup: startup ?? null, candidates },
    next(trials, { space, direction, seed }) {
      const random = randomSource(seed, trials.length);
      const first = trials.length === 0 ? defaultPoint(space) : null;
      if (first !== null) return { point: first };
      const fallback = newRandomPoint(trials, space, random);
      if (fallback === null) return null;
      const rank = ranked(trials, direction);
      if (rank.length < (startup ?? Math.min(10, 3 + Object.keys(space).length))) return { point: fallback };
      const goodCount = Math.min(25, Math.max(2, Math.ceil(0.15 * trials.length)));
      const good = rank.slice(0, goodCount);
      const bad = trials.filter((trial) => !good.some(({ number }) => number === trial.number));
      const tried = triedKeys(trials, { space });
      const points = (of: readonly { readonly point: Point }[]): readonly Point[] => of.map(({ point }) => point);
      return {
        point: likeTheGood({ space, good: points(good), bad: points(bad), candidates, tried, random }) ?? fallback,
      };
    },
  };
}
