import { describe, expect, it } from 'vitest';
import * as numeric from './index.ts';

const { fractionBits, floorLog2, ceilLog2, isPowerOfTwo, minimalIntegerBitsOfRange } = numeric;

describe('fewest bits', () => {
  it('fractionBits is the smallest f that makes a number whole', () => {
    for (const [value, f] of [
      [0.75, 2],
      [-0.5, 1],
      [3, 0],
      [8, -3],
      [-(2 ** 53) + 1, 0],
      [2 ** -1001, 1001],
      [5e-324, 1074],
      [2 ** 1023, -1023],
    ]) {
      expect([value, fractionBits(value)]).toEqual([value, f]);
    }
    expect(fractionBits(0)).toBe(-Infinity);
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(() => fractionBits(value)).toThrow(RangeError);
  });

  it('minimalIntegerBitsOfRange holds both ends', () => {
    for (const [low, high, f, i] of [
      [0, 1, 0, 1],
      [-1, 0.5, 1, 0],
      [-1.25, 0.5, 2, 1],
      [0, 0.125, 3, -2],
      [0, 0, 3, -3],
    ]) {
      expect([low, high, f, minimalIntegerBitsOfRange(low, high, f)]).toEqual([low, high, f, i]);
    }
  });

  it('logarithms of two are exact beside powers of two, down to the smallest number', () => {
    const wrong: number[] = [];
    for (let n = -1074; n <= 1023; n++) {
      const power = 2 ** n;
      if (ceilLog2(power) !== n || floorLog2(power) !== n || !isPowerOfTwo(power)) wrong.push(power);
      if (n < -1021) continue;
      const [below, above] = [power * (1 - 2 ** -53), power * (1 + 2 ** -52)];
      if (floorLog2(below) !== n - 1 || ceilLog2(above) !== n + 1 || isPowerOfTwo(above)) wrong.push(above);
    }
    expect(wrong).toEqual([]);
    for (const no of [0, -1, -4, Infinity, Number.NaN, 3]) expect([no, isPowerOfTwo(no)]).toEqual([no, false]);
  });
});

describe('whole numbers', () => {
  it('divisors, multiples, and what is left without twos', () => {
    expect(numeric.greatestCommonDivisor(12, 18)).toBe(6);
    expect([numeric.greatestCommonDivisor(0, 7), numeric.greatestCommonDivisor(7, 0)]).toEqual([7, 7]);
    expect([numeric.leastCommonMultiple(4, 6), numeric.leastCommonMultiple(1, 9)]).toEqual([12, 9]);
    expect([numeric.powerOfTwoIn(2 ** 31), numeric.oddPart(2 ** 31), numeric.oddPart(3 * 2 ** 40)]).toEqual([31, 1, 3]);
  });
});

describe('windows along an axis', () => {
  /** Positions under a window, one by one. */
  const positions = (axis: numeric.WindowAxis, window: number): number[] =>
    Array.from({ length: axis.taps }, (_, tap) => numeric.positionUnder(axis, window, tap));

  it('agree with windows that are laid by hand', () => {
    const axis = { input: 5, output: 3, taps: 3, stride: 2, dilation: 1, padBefore: 1 };
    expect([0, 1, 2].map((window) => positions(axis, window))).toEqual([
      [-1, 0, 1],
      [1, 2, 3],
      [3, 4, -1],
    ]);
    expect(numeric.windowSpans(5, 3, 2, [1, 1])).toEqual([
      { from: 0, count: 2 },
      { from: 1, count: 3 },
      { from: 3, count: 2 },
    ]);
    expect(positions({ ...axis, dilation: 3, padBefore: 3 }, 0)).toEqual([-1, 0, 3]);
  });

  it('samePads gives ⌈length / stride⌉ windows', () => {
    for (let length = 1; length < 9; length++) {
      for (let size = 1; size < 5; size++) {
        for (const [stride, dilation] of [
          [1, 1],
          [2, 1],
          [3, 1],
          [1, 2],
        ]) {
          const pads = numeric.samePads(length, size, stride, dilation);
          expect(numeric.windowCount(length, size, stride, pads, dilation)).toBe(Math.ceil(length / stride));
          expect(pads[1] - pads[0]).toBeOneOf([0, 1]);
        }
      }
    }
    expect(numeric.windowCount(2, 3, 1, [0, 0], 1)).toBeLessThan(1);
  });
});

describe('places in tensors', () => {
  it('go through a shape in row-major order', () => {
    expect(numeric.stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(numeric.mapPositions([2, 3], ([row, column]) => 10 * row + column)).toEqual([0, 1, 2, 10, 11, 12]);
    expect([numeric.stridesOf([]), numeric.mapPositions([], () => 7), numeric.mapPositions([2, 0], () => 7)]).toEqual([
      [],
      [7],
      [],
    ]);
  });
});

describe('einsum equations', () => {
  it('are taken apart, and refused where they are none', () => {
    expect(numeric.splitEquation('ab,bc->ac')).toEqual({ operands: ['ab', 'bc'], output: 'ac' });
    for (const no of ['', 'ab', 'ab,->a', ',a->a', 'a b->a', 'ab->a->b', 'a1->a']) {
      expect([no, numeric.splitEquation(no)]).toEqual([no, null]);
    }
    expect(numeric.strayLetter({ operands: ['ab'], output: 'ac' })).toBe('c');
    expect([numeric.repeatsLetter('aba'), numeric.repeatsLetter('abc')]).toEqual([true, false]);
  });

  it('have loops and offsets that multiply matrices', () => {
    const equation = numeric.splitEquation('ab,bc->ca');
    if (equation === null) throw new Error('no equation');
    const shapes = [
      [2, 3],
      [3, 4],
    ];
    const told: string[] = [];
    const lengths = numeric.letterLengths(equation.operands, shapes, (label) => told.push(label));
    const loops = numeric.einsumLoops(equation, lengths);
    expect([loops.shape, loops.size, loops.terms, told]).toEqual([[4, 2], 8, 3, []]);
    const [left, right] = shapes.map((shape, o) => numeric.einsumOffsets(equation.operands[o], shape, loops));
    expect([left.sum, right.sum, left.out.slice(0, 4), right.out.slice(0, 4)]).toEqual([
      [0, 1, 2],
      [0, 4, 8],
      [0, 3, 0, 3],
      [0, 0, 1, 1],
    ]);
    numeric.letterLengths(['a', 'a'], [[2], [3]], (label, first, second) => told.push(`${label} ${first} ${second}`));
    expect(told).toEqual(['a 2 3']);
  });
});

it('seededRandom gives the same numbers from the same seed, from 0 on', () => {
  const draws = (seed: number): number[] => Array.from({ length: 4 }, numeric.seededRandom(seed));
  expect(draws(0)).toEqual(draws(0));
  expect(draws(0)).not.toEqual(draws(1));
  expect(draws(0).every((x) => x >= 0 && x < 1 && x !== 0)).toBe(true);
});
