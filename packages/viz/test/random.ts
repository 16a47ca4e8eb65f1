/** A small seeded generator of numbers in [0, 1), so that sample data never change. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A roughly normal number from the generator: mean 0, deviation 1. */
export function normal(next: () => number): number {
  let sum = 0;
  for (let draw = 0; draw < 12; draw++) sum += next();
  return sum - 6;
}
