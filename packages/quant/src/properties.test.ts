/** Properties over random cases, against oracles that share no arithmetic with the code. More than 10,000 cases in total. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference } from '../test/compare-values.ts';
import { divide, floor, fraction, ofDouble, scaled } from '../test/fraction.ts';
import { oracle } from '../test/oracle-interpreter.ts';
import { quantizeOracle } from '../test/oracle-quantize.ts';
import { randomGraph, randomReals, randomSource } from '../test/random-graph.ts';
import { scaleCode } from './format/code-range.ts';
import type { FormatTable } from './format/format.ts';
import { formatAt } from './format/format-table.ts';
import { OVERFLOW_MODES, ROUND_MODES } from './format/type-string.ts';
import {
  analyse,
  arrayQuantizer,
  exactReciprocal,
  type Format,
  formatTable,
  interpret,
  loadGraph,
  parseType,
  printType,
  quantize,
  quantizeCode,
  quantizeToCodes,
  requantizeCode,
  requantizeCodes,
  saveGraph,
  simplify,
  sizeOf,
} from './index.ts';
import { requantizer } from './quantize/requantize.ts';

const SEED = 20251;
const run = (numRuns: number): fc.Parameters<unknown> => ({ seed: SEED, numRuns });

const bit = fc.constantFrom<0 | 1>(0, 1);
const round = fc.constantFrom(...ROUND_MODES);
const overflow = fc.constantFrom(...OVERFLOW_MODES);
/** Formats up to 80 bits wide, negative `i` or `f`, zero and negative widths. */
const anyFormat: fc.Arbitrary<Format> = fc.record({
  k: bit,
  i: fc.integer({ min: -45, max: 45 }),
  f: fc.integer({ min: -40, max: 40 }),
});
const narrowFormat: fc.Arbitrary<Format> = fc.record({
  k: bit,
  i: fc.integer({ min: -6, max: 12 }),
  f: fc.integer({ min: -6, max: 12 }),
});
/** Doubles of any size, and doubles on, between and right beside the grid points of a format. */
const real = (format: Format): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc
      .tuple(fc.integer({ min: -4096, max: 4096 }), fc.constantFrom(1, 0.5, 0.25), fc.constantFrom(0, 1, -1))
      .map(([n, part, nudge]) => {
        const x = n * part * 2 ** -format.f;
        return x * (1 + nudge * Number.EPSILON);
      }),
  );

describe('quantize', () => {
  it('equals the definition on rationals for every mode and width (3,000 cases)', () => {
    fc.assert(
      fc.property(
        anyFormat.chain((format) => fc.tuple(fc.constant(format), real(format))),
        round,
        overflow,
        ([format, x], mode, handling) => {
          const expected = quantizeOracle(ofDouble(x), format, mode, handling);
          expect(quantizeCode(x, format, mode, handling)).toBe(expected);
          expect(quantize(x, format, mode, handling)).toBe(scaleCode(expected, format.f));
        },
      ),
      run(3000),
    );
  });

  it('gives the same for arrays with a format per element (1,500 arrays)', () => {
    const table = (format: fc.Arbitrary<Format>): fc.Arbitrary<FormatTable> =>
      fc.array(format, { minLength: 1, maxLength: 4 }).map((formats) =>
        formatTable([formats.length], {
          k: formats.map(({ k }) => k),
          i: formats.map(({ i }) => i),
          f: formats.map(({ f }) => f),
        }),
      );
    fc.assert(
      fc.property(
        fc
          .oneof(table(narrowFormat), table(anyFormat))
          .chain((formats) =>
            fc.tuple(fc.constant(formats), fc.array(real(formatAt(formats, 0)), { minLength: 3, maxLength: 3 })),
          ),
        round,
        overflow,
        ([formats, row], mode, handling) => {
          const size = sizeOf(formats.shape);
          const x = Array.from({ length: 3 * size }, (_, j) => row[j % 3]);
          const expected = x.map((value, j) =>
            quantizeOracle(ofDouble(value), formatAt(formats, j % size), mode, handling),
          );
          const codes = quantizeToCodes(x, formats, formats.shape, mode, handling);
          expect(Array.from(codes, BigInt)).toEqual(expected);
          const values = arrayQuantizer(formats, formats.shape, mode, handling).values(x);
          expect(Array.from(values)).toEqual(expected.map((code, j) => scaleCode(code, formats.f[j % size])));
        },
      ),
      run(1500),
    );
  });
});

describe('requantize', () => {
  it('equals quantising the decoded value, also divided (2,500 cases)', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
        fc.integer({ min: -30, max: 30 }),
        fc.oneof(narrowFormat, anyFormat),
        fc.constantFrom(1, 1, 3, 9, 49, 1000),
        round,
        overflow,
        (code, fromF, to, divisor, mode, handling) => {
          const expected = quantizeOracle(scaled(code, fromF, divisor), to, mode, handling);
          expect(requantizeCode(code, fromF, to, mode, handling, divisor)).toBe(expected);
        },
      ),
      run(2500),
    );
  });

  it('gives the same for arrays (1,000 arrays)', () => {
    fc.assert(
      fc.property(
        fc.oneof(narrowFormat, anyFormat),
        fc.oneof(narrowFormat, anyFormat),
        fc.integer(),
        round,
        overflow,
        (from, to, seed, mode, handling) => {
          const next = randomSource(seed);
          const { k, i, f } = from;
          const x = Array.from({ length: 4 }, () => (next() - 0.5) * 2 ** (i + 1));
          const source = formatTable([1], from);
          const codes = quantizeToCodes(x, source, [4], 'RND', 'SAT');
          const result = requantizeCodes(codes, source, formatTable([1], to), [4], mode, handling);
          const expected = Array.from(codes, BigInt).map((code) =>
            quantizeOracle(k + i + f > 0 ? scaled(code, f) : fraction(0n), to, mode, handling),
          );
          expect(Array.from(result, BigInt)).toEqual(expected);
        },
      ),
      run(1000),
    );
  });
});

describe('division inside a requantisation', () => {
  it('of arrays is exact up to the largest numbers doubles hold, ties included (1,500 arrays)', () => {
    const divisor = fc.constantFrom(3, 5, 9, 25, 49, 81, 1001);
    const cast = fc.record({ k: bit, i: fc.integer({ min: 0, max: 30 }), f: fc.integer({ min: -8, max: 6 }) });
    fc.assert(
      fc.property(
        divisor,
        cast,
        fc.integer({ min: 3, max: 50 }),
        fc.integer(),
        round,
        overflow,
        (d, to, digits, seed, mode, handling) => {
          const next = randomSource(seed);
          const limit = 2 ** digits;
          // Multiples of the divisor, their halves, and the integers beside both.
          const codes = Float64Array.from({ length: 12 }, () => {
            const multiple = Math.floor((next() * limit) / d) * d + Math.floor(next() * 3) - 1;
            const half = next() < 0.5 ? Math.floor(d * 2 ** Math.floor(next() * 8)) : 0;
            return (next() < 0.5 ? -1 : 1) * Math.min(multiple + half, limit);
          });
          const bound = BigInt(2 * limit + 2 ** 18);
          const out = new Float64Array(codes.length);
          const prepared = requantizer([{ fromF: 4, to, outF: to.f }], mode, handling, d, bound);
          const cut = prepared.run(codes, out, 0, codes.length);
          const expected = Array.from(codes, (code) => quantizeOracle(scaled(code, 4, d), to, mode, handling));
          expect(Array.from(out, BigInt)).toEqual(expected);
          const saturated = Array.from(codes, (code) =>
            quantizeOracle(scaled(code, 4, d), { ...to, k: 1, i: 60 }, mode, 'SAT'),
          );
          const symmetric =
            handling === 'SAT_SYM' && to.k === 1 ? -(2n ** BigInt(Math.max(0, to.i + to.f))) : undefined;
          if (to.k + to.i + to.f > 0) {
            expect(cut).toBe(saturated.filter((code, j) => code !== expected[j] || code === symmetric).length);
          }
        },
      ),
      run(1500),
    );
  });
});

describe('types and division', () => {
  it('parse ∘ print = identity (1,000 cases)', () => {
    const type = fc.record({ k: bit, i: fc.integer({ min: -90, max: 90 }), w: fc.integer({ min: 0, max: 120 }) });
    fc.assert(
      fc.property(type, round, overflow, fc.nat(3), ({ k, i, w }, mode, handling, n) => {
        const format: Format = { k, i, f: w - k - i };
        const saturationBits = handling === 'WRAP' ? Math.min(n, w) : 0;
        const text = printType(format, mode, handling, saturationBits);
        expect(parseType(text)).toEqual({ kind: 'fixed', format, round: mode, overflow: handling, saturationBits });
        expect(parseType(text.replace('ap_', '').replaceAll(',', ' , '))).toEqual(parseType(text));
      }),
      run(1000),
    );
  });

  it('a reciprocal equals the division over its whole range (800 cases)', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2000n }),
        fc.bigInt({ min: 0n, max: 2n ** 40n }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (divisor, limit, at) => {
          const { multiplier, shift } = exactReciprocal(divisor, limit);
          const inside = BigInt(Math.floor(at * Number(limit)));
          const steps = [
            0n,
            limit,
            inside,
            inside - (inside % divisor),
            limit - (limit % divisor),
            limit - (limit % divisor) - 1n,
          ];
          for (const n of steps) {
            if (n < 0n || n > limit) continue;
            expect((n * multiplier) >> BigInt(shift)).toBe(floor(divide(fraction(n), Number(divisor))));
          }
        },
      ),
      run(800),
    );
  });
});

describe('random graphs', () => {
  const BATCH = 2;
  const feed = (graph: ReturnType<typeof randomGraph>, seed: number): number[] =>
    randomReals(BATCH * sizeOf(graph.nodes[0].shape), randomSource(seed));

  it('the interpreter equals the oracle at every node (600 graphs)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const graph = randomGraph(seed);
        const x = feed(graph, seed);
        const { values } = interpret(graph, x, { taps: 'all' });
        for (let b = 0; b < BATCH; b++) {
          const expected = oracle(graph, { x: x.slice((b * x.length) / BATCH, ((b + 1) * x.length) / BATCH) });
          for (const node of graph.nodes) {
            expect(difference(node, values.get(node.name)!, b, expected.get(node.name)!)).toBeUndefined();
          }
        }
      }),
      run(600),
    );
  });

  it('save ∘ load = identity (200 graphs)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const graph = randomGraph(seed);
        expect(loadGraph(saveGraph(graph))).toEqual(graph);
      }),
      run(200),
    );
  });

  it('simplified graph = graph (400 graphs)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const graph = randomGraph(seed);
        const smaller = simplify(graph);
        expect(smaller.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
        expect(smaller.outputs).toEqual(graph.outputs);
        analyse({ ...smaller });
        const x = feed(graph, seed);
        const { outputs } = interpret(smaller, x);
        for (let b = 0; b < BATCH; b++) {
          const expected = oracle(graph, { x: x.slice((b * x.length) / BATCH, ((b + 1) * x.length) / BATCH) });
          for (const node of smaller.nodes) {
            if (!smaller.outputs.includes(node.name)) continue;
            expect(difference(node, outputs[node.name], b, expected.get(node.name)!)).toBeUndefined();
          }
        }
      }),
      run(400),
    );
  });
});
