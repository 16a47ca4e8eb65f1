import { describe, expect, it } from 'vitest';
import { quantize } from '../quantize/quantize.ts';
import { exponentOf, minimalIntegerBits, minimalIntegerBitsOfWidth, minimalKif } from './minimal.ts';

describe('minimal integer bits', () => {
  // hgq2 §7.7
  it('for given fraction bits', () => {
    const positive = [0, 0.5, 1, 3.5, 3.6, 4, 7.5].map((x) => minimalIntegerBits(x, 1));
    expect(positive).toEqual([-1, 0, 1, 2, 3, 3, 3]);
    const negative = [-0.5, -1, -3.5, -4, -4.5].map((x) => minimalIntegerBits(x, 1));
    expect(negative).toEqual([-1, 0, 2, 2, 3]);
    expect([-0.5, -1, -4].map((x) => minimalIntegerBits(x, 1, true))).toEqual([0, 1, 3]);
  });

  it('for a given width', () => {
    const four = [0, 0.9375, 1, 1.875, 1.9, 3.75, 3.76].map((x) => minimalIntegerBitsOfWidth(x, 4));
    expect(four).toEqual([-23, 0, 1, 1, 2, 2, 3]);
    const one = [0, 0.25, 0.5, 1, 1.01].map((x) => minimalIntegerBitsOfWidth(x, 1));
    expect(one).toEqual([-22, 0, 0, 1, 2]);
    expect(minimalIntegerBitsOfWidth(1, 0)).toBe(32);
  });

  it('never errs at powers of two, where computed logarithms do', () => {
    for (let n = -60; n <= 60; n++) {
      expect(exponentOf(2 ** n)).toBe(n);
      expect(exponentOf(2 ** n * (1 - Number.EPSILON / 2))).toBe(n - 1);
      expect(minimalIntegerBits(-(2 ** n), 70)).toBe(n);
    }
  });
});

describe('minimalKif', () => {
  it.each<[number[], { k: number; i: number; f: number }]>([
    [[0.75, -2], { k: 1, i: 1, f: 2 }],
    [[6], { k: 0, i: 3, f: -1 }],
    [[-0.25], { k: 1, i: -2, f: 2 }],
    [[0, 0], { k: 0, i: 0, f: 0 }],
    [[1024], { k: 0, i: 11, f: -10 }],
  ])('of %o', (values, expected) => {
    const format = minimalKif(values);
    expect(format).toEqual(expected);
    for (const value of values) expect(quantize(value, format)).toBe(value);
  });

  it('refuses what no format holds', () => {
    expect(() => minimalKif([1, Number.NaN])).toThrow(/value 1 is NaN/);
  });
});
