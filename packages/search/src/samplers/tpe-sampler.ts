import { defaultPoint, likeTheGood, randomSource } from '@sp/train/tune';
import { standings } from '../objectives/objectives.ts';
import { haltonSampler } from './halton-sampler.ts';
import type { Sampler, Search } from './sampler.ts';
import type { TpeSettings } from './settings.ts';
import { keysOf, untried } from './untried.ts';

/** Most trials that count as good, and the share of all that do. */
const GOOD = { most: 25, share: 0.15 } as const;

/** Trials that are looked at: the good ones of all, and of the others the latest. */
const OTHERS = 500;

/**
 * A tree of Parzen estimators (Bergstra et al. 2011) over all parameters together. With several objectives the good ones are the first fronts, lonely trials first
 * (as in Ozaki et al. 2020, with crowding in the place of hypervolume). The first trials are the point of the defaults, if there is one, and a Halton sequence.
 */
export function tpeSampler({ startup, candidates = 64 }: TpeSettings, search: Search): Sampler {
  const { space, seed } = search;
  const keys = keysOf(space);
  const first = haltonSampler(search);
  const least = startup ?? Math.min(10, 3 + Object.keys(space).length);
  return {
    next(number, history) {
      const { ended, points } = history;
      const start = number === 0 ? defaultPoint(space) : null;
      if (start !== null) return start;
      const goodCount = Math.min(GOOD.most, Math.max(2, Math.ceil(GOOD.share * ended.length)));
      const ranked = standings(ended, search, goodCount);
      const finished = ranked.filter(({ kind }) => kind < 2).length;
      if (finished < least) return first.next(number, history);
      const good = ranked.slice(0, goodCount).map(({ trial }) => trial);
      const chosen = new Set(good);
      const bad = ended.filter((trial) => !chosen.has(trial)).slice(-OTHERS);
      const random = randomSource(seed, number);
      const tried = keys(points);
      const [goods, others] = [good, bad].map((trials) => trials.map(({ point }) => point));
      // What is at work counts as bad until more is known, so that it is not tried again next door.
      const bads = [...others, ...points.slice(ended.length)];
      const point = likeTheGood({ space, good: goods, bad: bads, candidates, tried, random });
      return point ?? untried(() => goods[0], space, tried, 0, [seed, number]);
    },
  };
}
