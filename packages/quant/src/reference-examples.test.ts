/** Worked examples of the references that involve more than one function. (Those of one function are in its own test.) */
import { describe, expect, it } from 'vitest';
import { minimalFormat } from './format/code-range.ts';
import {
  decode,
  formatTable,
  graphBuilder,
  interpret,
  minimalKif,
  type OverflowMode,
  quantize,
  quantizeArray,
} from './index.ts';

describe('hgq1 §7.1: forward of the quantizer', () => {
  const x = [0.3, -0.3, 0.375, -0.375, 0.125, -0.125];
  it.each([
    ['RND', [0.25, -0.25, 0.5, -0.25, 0.25, 0]],
    ['TRN', [0.25, -0.5, 0.25, -0.5, 0, -0.25]],
  ] as const)('%s', (round, expected) => {
    expect([...quantizeArray(x, formatTable([1], { k: 1, i: 8, f: 2 }), [6], round, 'SAT')]).toEqual(expected);
  });
});

describe('hgq1 §7.3: bits', () => {
  it.each([
    [[0.75, -0.5, 0.25, 1.5], { k: 1, i: 1, f: 2 }],
    [[-2], { k: 1, i: 1, f: -1 }],
    [[2], { k: 0, i: 2, f: -1 }],
    [[1.75], { k: 0, i: 1, f: 2 }],
    [[-0.125, 3], { k: 1, i: 2, f: 3 }],
    [[4, -8], { k: 1, i: 3, f: -2 }],
    [[Math.fround(0.1)], { k: 0, i: -3, f: 27 }],
  ])('container of %o', (values, expected) => {
    expect(minimalKif(values)).toEqual(expected);
  });

  it.each([
    [-4n, 3n, 2, { k: 1, i: 0, f: 2 }],
    [-5n, 4n, 2, { k: 1, i: 1, f: 2 }],
    [2n, 8n, 2, { k: 0, i: 2, f: 2 }],
    [0n, 15n, 3, { k: 0, i: 1, f: 3 }],
  ])('exact bits of recorded extremes %s … %s', (lo, hi, f, expected) => {
    expect(minimalFormat(lo, hi, f)).toEqual(expected);
  });
});

describe('hgq1 §7.5: a dense layer between quantizers, with and without overflow', () => {
  const run = (overflow: OverflowMode, x: readonly number[]): { entered: number[]; out: number[] } => {
    const g = graphBuilder('proxy');
    const format = formatTable([2], { k: [0, 1], i: [1, 1], f: [1, 2] });
    const input = g.input('x', { shape: [2], format, round: 'RND', overflow });
    const dense = g.dense('dense', input, {
      kernel: { shape: [2, 2], codes: [3, -2, 1, 6], f: 2 },
      bias: { shape: [2], codes: [3, 2], f: 3 },
    });
    const hidden = g.requantize('hidden', dense, { to: { k: 1, i: 1, f: 2 }, round: 'TRN', overflow });
    const relu = g.relu('relu', hidden);
    const to = formatTable([2], { k: 0, i: [1, 1], f: [2, 1] });
    const out = g.requantize('out', relu, { to, round: 'TRN', overflow });
    const { values } = interpret(g.build([out]), x, { taps: 'all' });
    return { entered: [...decode(input, values.get('x')!)], out: [...decode(out, values.get('out')!)] };
  };

  it.each([
    ['WRAP', [0.3, -0.6], [0.5, 0]],
    ['SAT', [0.3, -0.6], [0.5, 0]],
    ['WRAP', [1.2, 0.9], [1.25, 1]],
    ['SAT', [1.2, 0.9], [1.25, 1]],
    ['WRAP', [3, 0], [1, 0]],
    ['SAT', [3, 0], [1.5, 0]],
    ['WRAP', [-0.4, 2.2], [1, 0.5]],
    ['SAT', [-0.4, 2.2], [0.75, 1.5]],
  ] as const)('%s of %o', (overflow, x, expected) => {
    expect(run(overflow, x).out).toEqual(expected);
  });

  it('and at the input', () => {
    expect(run('WRAP', [-0.4, 2.2]).entered).toEqual([1.5, -1.75]);
    expect(run('SAT', [-0.4, 2.2]).entered).toEqual([0, 1.75]);
  });
});

describe('hgq2 §7.10: hard functions are quantizers', () => {
  const x = [-3, -0.7, 0.1, 0.9999, 3];
  const tanh = (overflow: OverflowMode): number[] =>
    x.map((value) => quantize(value, { k: 1, i: 0, f: 6 }, 'RND', overflow));

  it('HardTanh and HardSigmoid', () => {
    expect(tanh('SAT')).toEqual([-1, -0.703125, 0.09375, 0.984375, 0.984375]);
    expect(tanh('SAT_SYM')[0]).toBe(-0.984375);
    const sigmoid = x.map((value) => 0.25 * quantize(value, { k: 1, i: 1, f: 6 }, 'RND', 'SAT') + 0.5);
    expect(sigmoid).toEqual([0, 0.32421875, 0.5234375, 0.75, 0.99609375]);
  });
});
