import { randomSource } from '../../data/random.ts';
import { OptionError } from '../../option-error.ts';
import { checkOptionNames } from '../../option-names.ts';
import { randomPoint } from '../space.ts';
import { type Proposal, ranked, type Sampler, type Search, type Trial } from '../trial.ts';

/** How far Hyperband goes. */
export interface HyperbandOptions {
  /** Epochs of the trials that come furthest. */
  readonly maxEpochs: number;
  /** One trial in so many goes on, for so many times the epochs. Default 3. */
  readonly factor?: number;
  /** How often the whole is done. Default 1. */
  readonly iterations?: number;
}

/** One round of trials with the same epochs. */
interface Rung {
  readonly trials: number;
  readonly epochs: number;
}

/**
 * Many trials with few epochs, of which the best ones go on (Li et al. 2018). In each bracket one in `factor` comes from each rung to the next, with
 * `factor` times the epochs, gone on with from where it was (`from`). The brackets differ in how early they choose.
 *
 * @throws OptionError for numbers that are not whole, epochs and iterations below 1, and a factor below 2
 */
export function hyperbandSampler(options: HyperbandOptions): Sampler {
  checkOptionNames(options, ['maxEpochs', 'factor', 'iterations'], 'hyperbandSampler');
  const { maxEpochs, factor = 3, iterations = 1 } = options;
  for (const [name, value, least] of [
    ['maxEpochs', maxEpochs, 1],
    ['factor', factor, 2],
    ['iterations', iterations, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new OptionError(`hyperbandSampler: ${name} ${value} is not a whole number ≥ ${least}`);
    }
  }
  const all = Array.from({ length: iterations }, () => brackets(maxEpochs, factor)).flat();
  return {
    name: 'Hyperband',
    settings: { maxEpochs, factor, iterations },
    next: (trials, search) => nextOf(all, trials, search),
  };
}

/** Walks through rungs as the trials did: how many a rung had depends on how many of the one before succeeded. */
function nextOf(all: readonly (readonly Rung[])[], trials: readonly Trial[], search: Search): Proposal | null {
  let first = 0;
  for (const bracket of all) {
    let before: readonly Trial[] = [];
    for (const [r, { trials: planned, epochs }] of bracket.entries()) {
      const best = r === 0 ? null : ranked(before, search.direction).slice(0, planned);
      const count = best?.length ?? planned;
      const done = trials.length - first;
      if (done < count) {
        if (best === null)
          return { point: randomPoint(search.space, randomSource(search.seed, trials.length)), epochs };
        return { point: best[done].point, epochs, from: best[done].number };
      }
      before = trials.slice(first, first + count);
      first += count;
    }
  }
  return null;
}

/** The rungs of every bracket, the one that chooses earliest first. */
function brackets(maxEpochs: number, factor: number): readonly (readonly Rung[])[] {
  let most = 0;
  while (factor ** (most + 1) <= maxEpochs) most++;
  return Array.from({ length: most + 1 }, (_, b) => {
    const rungs = most - b;
    return Array.from({ length: rungs + 1 }, (__, r) => ({
      trials: Math.max(1, Math.floor(Math.ceil(((most + 1) / (rungs + 1)) * factor ** rungs) / factor ** r)),
      epochs: Math.max(1, Math.round(maxEpochs / factor ** (rungs - r))),
    }));
  });
}
