import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Seeded chance. */
export interface Dice {
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** Dice that fall the same way for the same seed. */
export function dice(seed: number): Dice {
  const generator = xoroshiro128plus(seed);
  const below = (limit: number): number => (limit <= 1 ? 0 : uniformInt(generator, 0, limit - 1));
  return { below, pick: (items) => items[below(items.length)] };
}
