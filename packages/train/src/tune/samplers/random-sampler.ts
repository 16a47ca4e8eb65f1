import { type RandomSource, randomSource } from '../../data/random.ts';
import { type Point, pointCount, pointKey, randomPoint, type Space } from '../space.ts';
import type { Sampler, Search, Trial } from '../trial.ts';

/** Tries points that are drawn evenly, none twice; ends when a finite space is used up. */
export function randomSampler(): Sampler {
  return {
    name: 'random',
    settings: null,
    next(trials, { space, seed }) {
      const point = newRandomPoint(trials, space, randomSource(seed, trials.length));
      return point === null ? null : { point };
    },
  };
}

/** The points that were tried, as keys. */
export function triedKeys(trials: readonly Trial[], { space }: Pick<Search, 'space'>): ReadonlySet<string> {
  return new Set(trials.map(({ point }) => pointKey(space, point)));
}

/** A random point that was not tried yet; null when there is none. */
export function newRandomPoint(trials: readonly Trial[], space: Space, random: RandomSource): Point | null {
  const tried = triedKeys(trials, { space });
  if (tried.size >= pointCount(space)) return null;
  for (;;) {
    const point = randomPoint(space, random);
    if (!tried.has(pointKey(space, point))) return point;
  }
}
