import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from '../graph/builder.ts';
import { decode } from '../interpret/decode.ts';
import { interpret } from '../interpret/interpret.ts';
import { ExpressionError, expressionFunction } from './expression.ts';
import { lutTable } from './lut-table.ts';
import { softmax } from './softmax.ts';

describe('lutTable', () => {
  // hgq1 §7.8
  it('is in two’s-complement order', () => {
    const { codes } = lutTable(
      (x) => Math.sin(x) ** 2 - x,
      { k: 1, i: 1, f: 1 },
      {
        to: { k: 1, i: 1, f: 2 },
        round: 'RND',
        overflow: 'SAT',
      },
    );
    expect(codes.map((code) => code / 4 + 0)).toEqual([0, -0.25, -0.25, -0.5, 1.75, 1.75, 1.75, 0.75]);
    const sigmoid = lutTable(
      expressionFunction('1 / (1 + exp(-x))'),
      { k: 1, i: 1, f: 1 },
      { to: { k: 0, i: 0, f: 3 } },
    );
    expect(sigmoid.codes.map((code) => code / 8)).toEqual([0.5, 0.5, 0.625, 0.75, 0, 0.125, 0.25, 0.375]);
  });

  it('saturates infinities and refuses NaN and giant tables', () => {
    const to = { k: 0, i: 2, f: 1 } as const;
    expect(lutTable((x) => 1 / x, { k: 0, i: 1, f: 0 }, { to, overflow: 'SAT' }).codes).toEqual([7, 2]);
    expect(() => lutTable(Math.sqrt, { k: 1, i: 1, f: 0 }, { to })).toThrow(/NaN at -2/);
    expect(() => lutTable(Math.sqrt, { k: 0, i: 30, f: 0 }, { to })).toThrow(/at most 20 bits/);
  });
});

describe('expressionFunction', () => {
  it('evaluates formulas', () => {
    expect(expressionFunction('x < 0 ? 0 : max(x, 0.5) * 2')(3)).toBe(6);
    expect(expressionFunction('sin(pi / 2) + e * 0')(0)).toBe(1);
  });

  it.each([
    ['x +', /unexpected|end of expression/i],
    ["x'", /operator ' is not allowed/],
    ['x!', /operator ! is not allowed/],
    ['x & 1', /operator & is not allowed/],
    ['max()', /max has 0 arguments; give it 1 or more/],
    ['abs(x, x)', /abs has 2 arguments; give it 1/],
    ['round(x, x)', /second argument of round is no whole number/],
    ['', /is empty/],
    ['# nothing', /is empty/],
    ['"a"', /a is no number/],
    ['x > 0 ? "a" : 1', /a is no number/],
    ['constructor', /unknown symbol constructor/],
    ['('.repeat(4000), /expression "\({80}…": /],
    ['-'.repeat(4000), /expression/],
    ['x'.repeat(5000), /at most 4096 characters/],
    ['y + 1', /unknown symbol y/],
    ['import({}, {})', /import|ObjectNode/],
    ['f(t) = t', /FunctionAssignmentNode/],
    ['gamma(x)', /unknown function gamma/],
    ['[x, 1]', /ArrayNode/],
  ])('refuses %s', (text, message) => {
    expect(() => expressionFunction(text)).toThrow(ExpressionError);
    expect(() => expressionFunction(text)).toThrow(message);
  });
});

describe('softmax', () => {
  const rows = [
    [0.5, -3, 2.25, 1],
    [-16, 15.75, -16, 15.75],
    [0, 0, 0, 0],
    [-12.5, -12.25, -13, -16],
  ];
  const exact = (row: readonly number[]): number[] => {
    const top = Math.max(...row);
    const exps = row.map((value) => Math.exp(value - top));
    const sum = exps.reduce((a, b) => a + b);
    return exps.map((value) => value / sum);
  };
  const evaluate = (variant: 'stable' | 'latency' | 'argmax', data: readonly number[][]): number[][] => {
    const g = graphBuilder('softmax');
    const x = g.input('x', { shape: [4], format: { k: 1, i: 4, f: 2 } });
    const y = softmax(g, 'y', x, { variant });
    const result = decode(y, interpret(g.build([y]), data.flat()).outputs.y);
    return data.map((_, r) => [...result.subarray(4 * r, 4 * r + 4)]);
  };

  it('is right over the whole signed input range in the stable variant', () => {
    for (const [r, row] of evaluate('stable', rows).entries()) {
      const want = exact(rows[r]);
      row.forEach((value, j) => {
        expect(Math.abs(value - want[j])).toBeLessThan(2e-3);
      });
    }
  });

  it.each([
    { k: 1, i: 12, f: 4 },
    { k: 1, i: 30, f: 2 },
    { k: 0, i: 0, f: 20 },
    { k: 1, i: 3, f: 24 },
    { k: 0, i: -12, f: 18 },
    { k: 1, i: 20, f: 40 },
    { k: 0, i: 4, f: 0 },
    { k: 1, i: 0, f: 0 },
  ] as const)('keeps the place of the largest input of format %o', (format) => {
    const random = xoroshiro128plus(17);
    const g = graphBuilder('softmax');
    const x = g.input('x', { shape: [3, 5], format });
    const graph = g.build([softmax(g, 'y', x)]);
    const bits = format.i + format.f;
    // Neighbours, near ones, and anything.
    const codes = Array.from({ length: 1500 }, (_, j) => {
      const spread = Math.min(2 ** bits, [2, 6, 2 ** (bits - 1)][Math.floor(j / 5) % 3]);
      const low = format.k === 1 ? -Math.floor(spread / 2) : 0;
      return Math.min(low + Math.floor(uniformFloat64(random) * spread), 2 ** bits - 1);
    });
    const y = decode(graph.nodes[graph.nodes.length - 1], interpret(graph, codes, { inputs: 'codes' }).outputs.y);
    for (let r = 0; r < codes.length; r += 5) {
      const row = codes.slice(r, r + 5);
      const out = [...y.subarray(r, r + 5)];
      const largest = Math.max(...out);
      expect(out.map((value) => value === largest)).toEqual(row.map((code) => code === Math.max(...row)));
      const want = exact(row.map((code) => code * 2 ** -format.f));
      out.forEach((value, j) => {
        expect(Math.abs(value - want[j])).toBeLessThan(3e-3);
      });
    }
  });

  it('is right for small inputs in the latency variant', () => {
    const small = [[0.5, -1, 1.25, 1]];
    const [row] = evaluate('latency', small);
    row.forEach((value, j) => {
      expect(Math.abs(value - exact(small[0])[j])).toBeLessThan(5e-3);
    });
  });

  it('marks the first largest in the argmax variant', () => {
    expect(evaluate('argmax', rows)).toEqual([
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
  });
});
