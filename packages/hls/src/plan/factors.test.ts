import { describe, expect, it } from 'vitest';
import { listValidParallelFactors, listValidReuseFactors } from './factors.ts';

describe('listValidReuseFactors', () => {
  it('lists the published example', () => {
    expect(listValidReuseFactors(16, 12)).toEqual([1, 2, 4, 8, 16, 32, 48, 64, 96, 192]);
  });

  it('always has 1 and the number of products, and divides the products', () => {
    for (const [inputs, outputs] of [
      [1, 1],
      [196, 24],
      [7, 13],
      [24, 10],
    ]) {
      const factors = listValidReuseFactors(inputs, outputs);
      expect(factors[0]).toBe(1);
      expect(factors.at(-1)).toBe(inputs * outputs);
      for (const factor of factors) expect((inputs * outputs) % factor).toBe(0);
    }
  });
});

describe('listValidParallelFactors', () => {
  it('lists divisors in order', () => {
    expect(listValidParallelFactors(24)).toEqual([1, 2, 3, 4, 6, 8, 12, 24]);
    expect(listValidParallelFactors(49)).toEqual([1, 7, 49]);
    expect(listValidParallelFactors(1)).toEqual([1]);
  });
});
