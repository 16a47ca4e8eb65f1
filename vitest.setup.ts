/**
 * Every test draws the same random numbers in every run: tfjs takes initial weights and the order of batches from
 * `Math.random` where it is given no seed.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { beforeEach } from 'vitest';

function seedMathRandom(): void {
  const generator = xoroshiro128plus(1);
  Math.random = () => uniformFloat64(generator);
}

// Once for what a file makes while it loads, then for each test, so that one can be run on its own.
seedMathRandom();
beforeEach(seedMathRandom);
