import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible source of random numbers for test vectors; every draw advances it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer, both ends included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

/** A source that depends on the seed alone. */
export function generator(seed: number): Random {
  const source = xoroshiro128plus(seed);
  return {
    next: () => uniformFloat64(source),
    integer: (low, high) => uniformInt(source, low, high),
    pick: (items) => items[uniformInt(source, 0, items.length - 1)],
  };
}
