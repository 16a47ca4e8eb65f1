import type { Point } from '@sp/train/internal';
import { atUnit, pointOf, shuffledIndices } from '@sp/train/tune';
import type { Sampler, Search } from './sampler.ts';
import { keysOf, untried } from './untried.ts';

/** The first primes, a base for each parameter. */
export function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/**
 * The digits of a number behind the point instead of in front of it, in a base, each digit exchanged by a permutation that depends on its place: without it
 * parameters of large bases go hand in hand (Owen 2017, "A randomized Halton algorithm in R").
 */
export function radicalInverse(number: number, base: number, digit: (place: number, value: number) => number): number {
  let sum = 0;
  let weight = 1 / base;
  for (let [rest, place] = [number, 0]; weight > 2 ** -53; place++) {
    sum += digit(place, rest % base) * weight;
    rest = Math.floor(rest / base);
    weight /= base;
  }
  return sum;
}

/** Where the points of a scrambled Halton sequence lie, 0 … 1 on each axis. */
export function haltonPlaces(axes: number, seed: number): (number: number) => readonly number[] {
  const bases = primes(axes);
  const permutations = new Map<string, Int32Array>();
  const digit = (axis: number) => (place: number, value: number) => {
    const key = `${axis} ${place}`;
    const known = permutations.get(key) ?? shuffledIndices(bases[axis], seed, axis, place);
    permutations.set(key, known);
    return known[value];
  };
  return (number) => bases.map((base, axis) => radicalInverse(number, base, digit(axis)));
}

/** The points of a scrambled Halton sequence; one that rounds to a point that was tried is left out for a random one. */
export function haltonSampler({ space, seed }: Search): Sampler {
  const keys = keysOf(space);
  const places = haltonPlaces(Object.keys(space).length, seed);
  return {
    next: (number, { points }) => untried(() => pointAtPlaces(places(number)), space, keys(points), 1, [seed, number]),
  };

  function pointAtPlaces(at: readonly number[]): Point {
    return pointOf(space, (dimension, _, axis) =>
      dimension.kind === 'choice'
        ? dimension.values[Math.floor(at[axis] * dimension.values.length)]
        : atUnit(dimension, at[axis]),
    );
  }
}
