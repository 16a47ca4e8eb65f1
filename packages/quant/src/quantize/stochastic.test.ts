import { describe, expect, it } from 'vitest';
import { formatTable } from '../format/format-table.ts';
import { stochasticQuantizer } from './stochastic.ts';

describe('stochastic rounding', () => {
  const table = formatTable([1], { k: 1, i: 2, f: 1 });

  it('is unbiased, seeded, and leaves the grid alone', () => {
    const x = new Float64Array(20000).fill(0.6);
    const y = stochasticQuantizer(table, [1], 'SAT', 42)(x);
    const mean = y.reduce((a, b) => a + b) / y.length;
    // One standard deviation of the mean is 0.5 · √(0.2 · 0.8 / 20000) ≈ 0.0014.
    expect(Math.abs(mean - 0.6)).toBeLessThan(0.006);
    expect(new Set(y)).toEqual(new Set([0.5, 1]));
    expect(stochasticQuantizer(table, [1], 'SAT', 42)(x)).toEqual(y);
    expect(stochasticQuantizer(table, [1], 'SAT', 43)(x)).not.toEqual(y);
    expect([...stochasticQuantizer(table, [1], 'SAT', 1)([1.5, -4, 9, -9])]).toEqual([1.5, -4, 3.5, -4]);
  });
});
