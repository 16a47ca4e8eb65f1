import type { Dimension, Point, RandomSource, Value } from '@sp/train/internal';
import { atUnit, isOrdered, pointOf, randomPoint, randomSource, unitOf } from '@sp/train/tune';
import { byStanding, type Standing, standings } from '../objectives/objectives.ts';
import type { Trial } from '../study/trial.ts';
import { haltonSampler } from './halton-sampler.ts';
import type { Sampler, Search } from './sampler.ts';
import type { Nsga2Settings } from './settings.ts';
import { keysOf, untried } from './untried.ts';

/** How near children are to their parents; the usual ones of the method (larger is nearer). */
const NEARNESS = { crossover: 15, mutation: 20 } as const;

/**
 * NSGA-II (Deb et al. 2002) in its steady-state form: after every trial the best `population` of those so far survive (fronts, then crowding), parents are the
 * winners of tournaments of two, children come of simulated binary crossover and polynomial mutation; parameters without order are inherited or drawn anew. The
 * first generation is a Halton sequence.
 */
export function nsga2Sampler(settings: Nsga2Settings, search: Search): Sampler {
  const { space, seed } = search;
  const { population = 32, crossover = 0.9, mutation = 1 / Object.keys(space).length } = settings;
  const keys = keysOf(space);
  const first = haltonSampler(search);
  const survivors = survivorsOf(population, search);
  return {
    next(number, history) {
      const parents = survivors(history.ended);
      if (number < population || parents.length < 2) return first.next(number, history);
      const random = randomSource(seed, number);
      const winner = (): Trial => {
        const [a, b] = [parents[random.below(parents.length)], parents[random.below(parents.length)]];
        return (byStanding(a, b) <= 0 ? a : b).trial;
      };
      const child = (): Point => {
        const [mother, father] = [winner().point, winner().point];
        return bred(mother, random.unit() < crossover ? father : mother, mutation, random);
      };
      return untried(child, space, keys(history.points), 16, [seed, number]);
    },
  };

  function bred(mother: Point, father: Point, rate: number, random: RandomSource): Point {
    // What one of them does not have comes from the other, and what neither has by chance.
    const fresh = randomPoint(space, random);
    return pointOf(space, (dimension, name) => {
      const [a, b] = random.unit() < 0.5 ? [mother, father] : [father, mother];
      const one = a[name] ?? b[name] ?? fresh[name];
      const other = b[name] ?? one;
      if (one === undefined) return anyValue(dimension, random);
      const mutates = random.unit() < rate;
      if (!isOrdered(dimension)) return mutates ? anyValue(dimension, random) : one;
      let place = unitOf(dimension, one);
      if (one !== other && random.unit() < 0.5) place = crossed(place, unitOf(dimension, other), random);
      if (mutates) place = mutated(place, random);
      return atUnit(dimension, place);
    });
  }
}

function anyValue(dimension: Dimension, random: RandomSource): Value {
  return dimension.kind === 'choice'
    ? dimension.values[random.below(dimension.values.length)]
    : atUnit(dimension, random.unit());
}

/** Simulated binary crossover: a child near the first of two places, spread as they are. */
function crossed(a: number, b: number, random: RandomSource): number {
  const u = random.unit();
  const power = 1 / (NEARNESS.crossover + 1);
  const spread = u <= 0.5 ? (2 * u) ** power : (1 / (2 * (1 - u))) ** power;
  return Math.min(1, Math.max(0, ((1 + spread) * a + (1 - spread) * b) / 2));
}

/** Polynomial mutation within 0 … 1. */
function mutated(place: number, random: RandomSource): number {
  const u = random.unit();
  const power = 1 / (NEARNESS.mutation + 1);
  const [down, up] = [place, 1 - place].map((room) => (1 - room) ** (NEARNESS.mutation + 1));
  const step = u < 0.5 ? (2 * u + (1 - 2 * u) * down) ** power - 1 : 1 - (2 * (1 - u) + (2 * u - 1) * up) ** power;
  return Math.min(1, Math.max(0, place + step));
}

/** Who survives after each trial in turn; what was concluded from a beginning is not done again. */
function survivorsOf(population: number, search: Search): (ended: readonly Trial[]) => readonly Standing[] {
  let seen: { readonly last: Trial | undefined; readonly count: number; readonly alive: readonly Standing[] } = {
    last: undefined,
    count: 0,
    alive: [],
  };
  return (ended) => {
    const goesOn = seen.count <= ended.length && ended[seen.count - 1] === seen.last;
    let alive = goesOn ? seen.alive : [];
    for (const trial of ended.slice(goesOn ? seen.count : 0)) {
      const trials = [...alive.map((standing) => standing.trial), trial].sort((a, b) => a.number - b.number);
      alive = standings(trials, search).slice(0, population);
    }
    seen = { last: ended.at(-1), count: ended.length, alive };
    return alive;
  };
}
