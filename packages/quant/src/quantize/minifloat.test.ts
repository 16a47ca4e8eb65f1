import { describe, expect, it } from 'vitest';
import { minifloatRange, quantizeMinifloat } from './minifloat.ts';

describe('minifloat', () => {
  it('gives the values of hgq2 §7.6', () => {
    const x = [0.05, 0.0625, 0.09, 0.19, 0.3, 0.33, 0.9, 0.95, 1.1, 1.2, 1.9, 2.2, 2.75, 3.3, 4, 100, -9];
    const y = [0, 0, 0.125, 0.25, 0.25, 0.375, 0.875, 1, 1, 1.25, 2, 2, 3, 3.5, 3.5, 3.5, -3.5];
    const format = { m: 2, e: 2, e0: 0 };
    expect(x.map((value) => quantizeMinifloat(value, format))).toEqual(y);
    expect(minifloatRange(format)).toEqual({ max: 3.5, epsilon: 0.125 });
  });

  it('is not always 0 without mantissa', () => {
    expect(quantizeMinifloat(0.9, { m: -1, e: 2, e0: 0 })).toBe(1);
  });

  it('refuses NaN and impossible formats', () => {
    expect(() => quantizeMinifloat(Number.NaN, { m: 2, e: 2, e0: 0 })).toThrow(/NaN/);
    expect(() => quantizeMinifloat(1, { m: 2.5, e: 2, e0: 0 })).toThrow(/m=2.5/);
  });
});
