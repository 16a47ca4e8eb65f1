import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { OptionError } from '../option-error.ts';

/** A reproducible source of random numbers; every draw advances it. */
export interface RandomSource {
  /** Uniform whole number, `0 … end − 1`. */
  below(end: number): number;
  /** Uniform real number in `[0, 1)`. */
  unit(): number;
  /** Standard normal number (Box–Muller). */
  normal(): number;
}

/**
 * A random source that depends on `seed` and the further numbers in `stream` (an epoch, a step) and on nothing else.
 *
 * @throws OptionError for a number that is not whole.
 */
export function randomSource(seed: number, ...stream: readonly number[]): RandomSource {
  for (const number of [seed, ...stream]) {
    if (!Number.isInteger(number)) throw new OptionError(`seed ${number} is not a whole number`);
  }
  const generator = xoroshiro128plus(stream.reduce(mix, seed | 0));
  const unit = (): number => uniformFloat64(generator);
  return {
    below: (end) => uniformInt(generator, 0, end - 1),
    unit,
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
  };
}

/** The numbers `0 … count − 1` in a random order that depends only on `seed` and `stream` (Fisher–Yates). */
export function shuffledIndices(count: number, seed: number, ...stream: readonly number[]): Int32Array {
  const source = randomSource(seed, ...stream);
  const order = Int32Array.from({ length: count }, (_, j) => j);
  for (let last = count - 1; last > 0; last--) {
    const other = source.below(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Spreads two 32-bit numbers over one, so that neighbouring epochs get unrelated generators. */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul((b | 0) + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
