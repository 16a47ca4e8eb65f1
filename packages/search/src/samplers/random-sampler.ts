import { randomPoint, randomSource } from '@sp/train/tune';
import type { Sampler, Search } from './sampler.ts';
import { keysOf, untried } from './untried.ts';

/** Points drawn evenly, none twice. */
export function randomSampler({ space, seed }: Search): Sampler {
  const keys = keysOf(space);
  return {
    next(number, { points }) {
      const random = randomSource(seed, number);
      return untried(() => randomPoint(space, random), space, keys(points), 8, [seed, number]);
    },
  };
}
