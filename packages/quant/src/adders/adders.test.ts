import fc from 'fast-check';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { adderCount, evaluateAdders, proveAdders } from './adder-graph.ts';
import { CountTable } from './count-table.ts';
import { shareAdders } from './share-adders.ts';
import { signedDigits } from './signed-digits.ts';
import { typedAdders } from './typed-adders.ts';

function generator(seed: number) {
  const source = xoroshiro128plus(seed);
  const integer = (low: number, high: number) => uniformInt(source, low, high);
  return { integer, pick: <T>(items: readonly T[]): T => items[integer(0, items.length - 1)] };
}

const weights = (seed: number, count: number, bits: number) => {
  const random = generator(seed);
  return Array.from({ length: count }, () => random.integer(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1));
};

describe('signedDigits', () => {
  it('adds up to the number, with no two neighbouring digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (value) => {
        const digits = signedDigits(value);
        expect(digits.reduce((sum, { shift, sign }) => sum + sign * 2 ** shift, 0)).toBe(value);
        digits.forEach(({ shift }, j) => {
          if (j > 0) expect(shift - digits[j - 1].shift).toBeGreaterThanOrEqual(2);
        });
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('shareAdders', () => {
  it('computes the product, whatever the matrix', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        fc.integer({ min: 0, max: 3 }),
        (inputs, outputs, bits, seed, extraDepth) => {
          const matrix = weights(seed, inputs * outputs, bits).map((w, j) => ((j * 7 + seed) % 3 === 0 ? 0 : w));
          const graph = shareAdders(matrix, inputs, outputs, { extraDepth, block: seed % 2 === 0 ? 4 : 400 });
          proveAdders(graph, matrix);
          const x = Array.from({ length: inputs }, (_, j) => BigInt((seed % 1000) + 17 * j));
          const expected = Array.from({ length: outputs }, (_, u) =>
            x.reduce((sum, value, j) => sum + value * BigInt(matrix[j * outputs + u]), 0n),
          );
          expect(evaluateAdders(graph, x)).toEqual(expected);
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });

  // Counts that a prototype and da4ml reach on such matrices: 381 and 372, 3,169 and 3,088 (hardware §2).
  it.each([
    [16, 16, 8, 381],
    [100, 32, 6, 3169],
  ])('shares as much as is known to be possible: %i x %i, %i bits', (inputs, outputs, bits, known) => {
    const matrix = weights(5, inputs * outputs, bits);
    const graph = shareAdders(matrix, inputs, outputs, { block: 400 });
    proveAdders(graph, matrix);
    const digits = matrix.reduce((sum, weight) => sum + signedDigits(weight).length, 0) - outputs;
    expect(digits).toBeGreaterThan(known * 1.5);
    expect(adderCount(graph)).toBeLessThanOrEqual(known * 1.05);
    expect(graph.depth).toBeLessThanOrEqual(Math.ceil(Math.log2(digits / outputs)) + 2);
  });

  it('keeps to the shortest path when asked', () => {
    const matrix = weights(9, 40 * 8, 6);
    const longest = Math.max(
      ...Array.from({ length: 8 }, (_, u) =>
        matrix.filter((__, p) => p % 8 === u).reduce((sum, weight) => sum + signedDigits(weight).length, 0),
      ),
    );
    const short = shareAdders(matrix, 40, 8, { extraDepth: 0 });
    expect(short.depth).toBeLessThanOrEqual(Math.ceil(Math.log2(longest)));
    expect(adderCount(short)).toBeGreaterThanOrEqual(adderCount(shareAdders(matrix, 40, 8)));
  });

  it('needs nothing for zeros, powers of two and copies', () => {
    const graph = shareAdders([0, 4, 4, 0, 0, -2], 2, 3);
    expect(graph.adders.length).toBe(1);
    expect(graph.outputs[0]).toBeNull();
    expect(graph.outputs[1]).toEqual({ value: 0, shift: 2, negative: false });
  });

  it('is deterministic', () => {
    expect(shareAdders(weights(3, 200, 6), 20, 10)).toEqual(shareAdders(weights(3, 200, 6), 20, 10));
  });
});

describe('proveAdders', () => {
  it('finds a wrong adder', () => {
    const matrix = weights(11, 64, 6);
    const graph = shareAdders(matrix, 8, 8);
    const adders = graph.adders.map((adder, j) => (j === 3 ? { ...adder, subtract: !adder.subtract } : adder));
    expect(() => proveAdders({ ...graph, adders }, matrix)).toThrow(/entry \[\d, \d\] is/);
  });
});

describe('typedAdders', () => {
  it('gives types that hold every value, and no wider', () => {
    const graph = shareAdders([3, 5, -1, 7], 2, 2);
    const types = typedAdders(graph, [
      { lo: 0n, hi: 15n, f: 2 },
      { lo: -8n, hi: 7n, f: 0 },
    ]);
    expect(types[0]).toEqual({ signed: false, width: 4, int: 2 });
    expect(types[1]).toEqual({ signed: true, width: 4, int: 4 });
    expect(types.length).toBe(2 + graph.adders.length);
    for (const type of types) expect(type.width).toBeLessThan(12);
  });
});

describe('CountTable', () => {
  it('counts like a Map, also when it grows', () => {
    const table = new CountTable(4);
    const map = new Map<number, number>();
    const random = generator(4);
    for (let j = 0; j < 5000; j++) {
      const key = random.integer(0, 900) * 2 ** random.pick([0, 20, 40]);
      const step = random.integer(-2, 3);
      map.set(key, (map.get(key) ?? 0) + step);
      expect(table.add(key, step)).toBe(map.get(key));
    }
    for (const [key, count] of map) expect(table.get(key)).toBe(count);
    expect(table.get(12345678901)).toBe(0);
  });
});
