import { describe, expect, it } from 'vitest';
import type { Format, OverflowMode, RoundMode } from '../format/format.ts';
import { quantize, quantizeCode } from './quantize.ts';

const all = (x: readonly number[], format: Format, round: RoundMode, overflow: OverflowMode): number[] =>
  x.map((value) => quantize(value, format, round, overflow));

describe('rounding modes', () => {
  const ties = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];
  const integers: Format = { k: 1, i: 5, f: 0 };

  // hgq2 §1.2 and hgq1 §7.7
  it.each<[RoundMode, number[]]>([
    ['TRN', [-3, -2, -1, 0, 1, 2]],
    ['RND', [-2, -1, 0, 1, 2, 3]],
    ['RND_CONV', [-2, -2, 0, 0, 2, 2]],
    ['TRN_ZERO', [-2, -1, 0, 0, 1, 2]],
    ['RND_ZERO', [-2, -1, 0, 0, 1, 2]],
    ['RND_INF', [-3, -2, -1, 1, 2, 3]],
    ['RND_MIN_INF', [-3, -2, -1, 0, 1, 2]],
  ])('%s on ties', (mode, expected) => {
    expect(all(ties, integers, mode, 'SAT')).toEqual(expected);
  });

  it('is exact right beside a tie and for odd integers above 2^23', () => {
    const half = 0.5 - 2 ** -54;
    expect(quantize(half, integers, 'RND', 'SAT')).toBe(0);
    expect(quantize(-half, integers, 'RND_INF', 'SAT')).toBe(0);
    expect(quantize(-half, integers, 'RND_MIN_INF', 'SAT')).toBe(0);
    expect(quantize(8388609, { k: 1, i: 24, f: 0 }, 'RND', 'SAT')).toBe(8388609);
  });

  it('sees the sign of values that vanish when scaled', () => {
    expect(quantize(-Number.MIN_VALUE, { k: 1, i: 12, f: -10 }, 'TRN', 'SAT')).toBe(-1024);
    expect(quantize(Number.MIN_VALUE, { k: 1, i: 12, f: -10 }, 'TRN', 'SAT')).toBe(0);
  });
});

describe('overflow modes', () => {
  // hgq1 §7.7
  const x = [-3, -2.25, -2, 0, 1.75, 2, 2.25, 3, 4.5];
  it.each<[OverflowMode, number[]]>([
    ['SAT', [-2, -2, -2, 0, 1.75, 1.75, 1.75, 1.75, 1.75]],
    ['WRAP', [1, 1.75, -2, 0, 1.75, -2, -1.75, -1, 0.5]],
    ['SAT_SYM', [-1.75, -1.75, -1.75, 0, 1.75, 1.75, 1.75, 1.75, 1.75]],
    ['SAT_ZERO', [0, 0, -2, 0, 1.75, 0, 0, 0, 0]],
    ['WRAP_SM', [-1.25, -2, -2, 0, 1.75, 1.75, 1.5, 0.75, -0.75]],
  ])('%s in fixed<4,2>', (mode, expected) => {
    expect(all(x, { k: 1, i: 1, f: 2 }, 'TRN', mode)).toEqual(expected);
  });
  it.each<[OverflowMode, number[]]>([
    ['SAT', [0, 0, 0, 0, 1.5, 2, 2, 3, 3.5]],
    ['WRAP', [1, 1.5, 2, 0, 1.5, 2, 2, 3, 0.5]],
  ])('%s in ufixed<3,2>', (mode, expected) => {
    expect(all(x, { k: 0, i: 2, f: 1 }, 'TRN', mode)).toEqual(expected);
  });

  it('wraps below the saturated bits', () => {
    // hls4ml §2.12
    expect(quantizeCode(5, { k: 1, i: 2, f: 1 }, 'TRN', 'WRAP', 1)).toBe(2n);
    expect(quantizeCode(5, { k: 1, i: 2, f: 1 }, 'TRN', 'WRAP', 3)).toBe(6n);
  });
});

describe('hgq2 §7 examples', () => {
  const x = [-5, -4.25, -3.75, -3.25, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 3.25, 3.75, 4, 5, 8];
  const rows: Record<string, number[]> = {
    'TRN WRAP': [3, 3.5, -4, -3.5, -1.5, -1, -0.5, 0, 0.5, 1, 3, 3.5, -4, -3, 0],
    'TRN SAT': [-4, -4, -4, -3.5, -1.5, -1, -0.5, 0, 0.5, 1, 3, 3.5, 3.5, 3.5, 3.5],
    'TRN SAT_SYM': [-3.5, -3.5, -3.5, -3.5, -1.5, -1, -0.5, 0, 0.5, 1, 3, 3.5, 3.5, 3.5, 3.5],
    'RND WRAP': [3, -4, -3.5, -3, -1, -0.5, 0, 0.5, 1, 1.5, 3.5, -4, -4, -3, 0],
    'RND SAT': [-4, -4, -3.5, -3, -1, -0.5, 0, 0.5, 1, 1.5, 3.5, 3.5, 3.5, 3.5, 3.5],
    'RND SAT_SYM': [-3.5, -3.5, -3.5, -3, -1, -0.5, 0, 0.5, 1, 1.5, 3.5, 3.5, 3.5, 3.5, 3.5],
    'RND_CONV WRAP': [3, -4, -4, -3, -1, -1, 0, 0, 1, 1, 3, -4, -4, -3, 0],
    'RND_CONV SAT': [-4, -4, -4, -3, -1, -1, 0, 0, 1, 1, 3, 3.5, 3.5, 3.5, 3.5],
    'RND_CONV SAT_SYM': [-3.5, -3.5, -3.5, -3, -1, -1, 0, 0, 1, 1, 3, 3.5, 3.5, 3.5, 3.5],
  };
  it.each(Object.entries(rows))('hgq2 §7.1 %s', (name, expected) => {
    const [round, overflow] = name.split(' ') as [RoundMode, OverflowMode];
    expect(all(x, { k: 1, i: 2, f: 1 }, round, overflow)).toEqual(expected);
  });

  it('hgq2 §7.2 unsigned', () => {
    const u = [-5, -1.25, -0.25, 0.25, 0.75, 3.75, 4.25, 8];
    const format: Format = { k: 0, i: 2, f: 1 };
    expect(all(u, format, 'RND', 'WRAP')).toEqual([3, 3, 0, 0.5, 1, 0, 0.5, 0]);
    expect(all(u, format, 'RND', 'SAT')).toEqual([0, 0, 0, 0.5, 1, 3.5, 3.5, 3.5]);
    expect(all(u, format, 'TRN', 'WRAP')).toEqual([3, 2.5, 3.5, 0, 0.5, 3.5, 0, 0]);
    expect(all(u, format, 'RND_CONV', 'WRAP')).toEqual([3, 3, 0, 0, 1, 0, 0, 0]);
  });

  it('hgq2 §7.3 integer grid and negative f', () => {
    const u = [-8.6, -8.5, -8.4, -7.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 7.5, 8.5];
    const format: Format = { k: 1, i: 3, f: 0 };
    expect(all(u, format, 'RND', 'WRAP')).toEqual([7, -8, -8, -7, -2, -1, 0, 1, 2, 3, -8, -7]);
    expect(all(u, format, 'RND_CONV', 'WRAP')).toEqual([7, -8, -8, -8, -2, -2, 0, 0, 2, 2, -8, -8]);
    expect(all(u, format, 'TRN', 'WRAP')).toEqual([7, 7, 7, -8, -3, -2, -1, 0, 1, 2, 7, -8]);
    expect(all(u, format, 'RND', 'SAT_SYM')).toEqual([-7, -7, -7, -7, -2, -1, 0, 1, 2, 3, 7, 7]);
    const coarse: Format = { k: 1, i: 4, f: -2 };
    const v = [-9, -2.6, -0.5, 1.5, 2.5, 7.5, 8.5];
    expect(all(v, coarse, 'RND', 'SAT')).toEqual([-8, -4, 0, 0, 4, 8, 8]);
    expect(all(v, coarse, 'TRN', 'SAT')).toEqual([-12, -4, -4, 0, 0, 4, 8]);
    expect(quantize(-2.6, { k: 0, i: 4, f: -2 }, 'RND', 'WRAP')).toBe(12);
  });
});

describe('hls4ml §2.12 spot values', () => {
  it.each<[number, Format, RoundMode, OverflowMode, number]>([
    [5, { k: 1, i: 2, f: 1 }, 'TRN', 'WRAP', -3],
    [-1.5, { k: 0, i: 1, f: 3 }, 'TRN', 'WRAP', 0.5],
    [-1.5, { k: 0, i: 1, f: 3 }, 'TRN', 'SAT', 0],
    [3.75, { k: 1, i: 2, f: 1 }, 'RND', 'WRAP', -4],
    [3.75, { k: 1, i: 2, f: 1 }, 'RND', 'SAT', 3.5],
    [Number.POSITIVE_INFINITY, { k: 1, i: 2, f: 1 }, 'TRN', 'SAT', 3.5],
    [Number.POSITIVE_INFINITY, { k: 1, i: 2, f: 1 }, 'TRN', 'WRAP', 0],
  ])('%d in %o %s %s is %d', (x, format, round, overflow, expected) => {
    expect(quantize(x, format, round, overflow)).toBe(expected);
  });
});

describe('limits', () => {
  it('gives 0 for zero and negative widths in every mode', () => {
    for (const overflow of ['WRAP', 'SAT', 'SAT_SYM', 'SAT_ZERO', 'WRAP_SM'] as const) {
      expect(quantize(-3.3, { k: 0, i: 2, f: -2 }, 'TRN', overflow)).toBe(0);
      expect(quantize(7, { k: 1, i: -3, f: 1 }, 'RND', overflow)).toBe(0);
    }
  });
  it('keeps one code for a lone sign bit', () => {
    expect(all([-3, -0.2, 0, 5], { k: 1, i: 0, f: 0 }, 'RND', 'SAT')).toEqual([-1, 0, 0, 0]);
    expect(all([-3, -0.2, 0, 5], { k: 1, i: 0, f: 0 }, 'RND', 'SAT_SYM')).toEqual([0, 0, 0, 0]);
  });
  it('handles widths beyond doubles in codes', () => {
    expect(quantizeCode(1e30, { k: 1, i: 40, f: 40 }, 'TRN', 'SAT')).toBe(2n ** 80n - 1n);
    expect(quantizeCode(-1, { k: 0, i: 40, f: 30 }, 'TRN', 'WRAP')).toBe(2n ** 70n - 2n ** 30n);
  });
  it('mirrors exactly at the edge of what doubles hold', () => {
    const format: Format = { k: 1, i: 38, f: 14 };
    for (const x of [2.745912725983584e27, -1e30, 2 ** 39 + 3, -(2 ** 38) - 2 ** -14]) {
      const code = quantizeCode(x, format, 'TRN', 'WRAP_SM');
      expect(quantize(x, format, 'TRN', 'WRAP_SM')).toBe(Number(code) * 2 ** -14);
    }
  });
  it('never returns negative zero', () => {
    expect(quantize(-0.2, { k: 1, i: 2, f: 1 }, 'TRN_ZERO')).toBe(0);
    expect(quantize(-8, { k: 1, i: 2, f: 1 }, 'TRN', 'WRAP')).toBe(0);
  });
  it('refuses NaN, unknown modes and malformed formats with a remedy', () => {
    expect(() => quantize(Number.NaN, { k: 1, i: 2, f: 1 })).toThrow(/NaN/);
    expect(() => quantize(1, { k: 1, i: 2, f: 1 }, 'TRN', 'SYM' as OverflowMode)).toThrow(/SAT_SYM/);
    expect(() => quantize(1, { k: 1, i: 2, f: 1 }, 'NEAREST' as RoundMode)).toThrow(/RND_CONV/);
    expect(() => quantize(1, { k: 1, i: 0.5, f: 1 })).toThrow(/i is 0.5/);
  });
  it('accepts the stochastic names as their deterministic forms', () => {
    expect(quantize(0.25, { k: 1, i: 2, f: 1 }, 'S_RND')).toBe(0.5);
    expect(quantize(0.25, { k: 1, i: 2, f: 1 }, 'S_RND_CONV')).toBe(0);
  });
});
