import { describe, expect, it } from 'vitest';
import {
  forgivingFactor,
  parseQuantizer,
  printQuantizer,
  QuantizerStringError,
  qkerasQuantize,
  qnoiseAt,
  quantizerLimits,
} from './index.ts';

const context = { training: false, random: () => 0.5, internalSigmoid: 'hard' } as const;

/** hgq1.md §7.10, computed with QKeras itself. */
const X = [-5, -1.3, -0.75, -0.3125, -0.25, -0.1, 0, 0.1, 0.25, 0.3125, 0.75, 1.3, 5];
const recorded: readonly (readonly [string, readonly number[]])[] = [
  ['quantized_bits(4,1,alpha=1)', [-2, -1.25, -0.75, -0.25, -0.25, 0, 0, 0, 0.25, 0.25, 0.75, 1.25, 1.75]],
  ['quantized_bits(4,1,1,alpha=1)', [-1.75, -1.25, -0.75, -0.25, -0.25, 0, 0, 0, 0.25, 0.25, 0.75, 1.25, 1.75]],
  ['quantized_bits(4,1,0,keep_negative=False,alpha=1)', [0, 0, 0, 0, 0, 0, 0, 0.125, 0.25, 0.25, 0.75, 1.25, 1.875]],
  ['quantized_bits(1,0,alpha=1)', [-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1]],
  ['quantized_bits(2,1,1,alpha=1)', [-1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]],
  [
    'quantized_bits(4,0,1,alpha=.5)',
    [-0.4375, -0.4375, -0.375, -0.125, -0.125, -0.0625, 0, 0.0625, 0.125, 0.125, 0.375, 0.4375, 0.4375],
  ],
  ['quantized_relu(4,2)', [0, 0, 0, 0, 0, 0, 0, 0, 0.25, 0.25, 0.75, 1.25, 3.75]],
  ['quantized_relu(4,2,negative_slope=.25)', [-1, -0.5, 0, 0, 0, 0, 0, 0, 0, 0.5, 1, 1.5, 3.5]],
  ['quantized_po2(4)', [-4, -1, -1, -0.25, -0.25, -0.125, 0.0625, 0.125, 0.25, 0.25, 1, 1, 4]],
  ['quantized_po2(4,1)', [-1, -1, -1, -0.25, -0.25, -0.125, 2 ** -8, 0.125, 0.25, 0.25, 1, 1, 1]],
  ['quantized_po2(3,4)', [-2, -1, -1, -0.25, -0.25, -0.25, 0.25, 0.25, 0.25, 0.25, 1, 1, 2]],
  [
    'quantized_po2(4,quadratic_approximation=True)',
    [-4, -1, -1, -0.25, -0.25, -0.0625, 0.0625, 0.0625, 0.25, 0.25, 1, 1, 4],
  ],
  ['quantized_relu_po2(3)', [...Array(7).fill(0.0625), 0.125, 0.25, 0.25, 1, 1, 4]],
  ['quantized_relu_po2(3,2)', [...Array(7).fill(0.0625), 0.125, 0.25, 0.25, 1, 1, 2]],
  [
    'quantized_relu_po2(3,negative_slope=.25)',
    [-1, -0.25, -0.25, -0.0625, -0.0625, -0.0625, 0.0625, 0.125, 0.25, 0.25, 1, 1, 4],
  ],
  ['binary(alpha=1)', [-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1]],
  ['binary(use_01,alpha=1)'.replace('use_01', 'use_01=1'), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]],
  ['ternary(alpha=1)', [-1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]],
  ['ternary(alpha=2,threshold=1)', [-2, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2]],
  ['quantized_tanh(4)', [-1, -1, -0.75, -0.25, -0.25, -0.125, 0, 0.125, 0.25, 0.25, 0.75, 0.875, 0.875]],
  ['quantized_sigmoid(4)', [0, 0, 0.125, 0.375, 0.375, 0.4375, 0.5, 0.5625, 0.625, 0.625, 0.875, 0.9375, 0.9375]],
  ['quantized_linear(4,1)', [-1.75, -1.25, -0.75, -0.25, -0.25, 0, 0, 0, 0.25, 0.25, 0.75, 1.25, 1.75]],
];

function quantise(text: string, x: readonly number[], shape: readonly number[] = [x.length]) {
  return qkerasQuantize(parseQuantizer(text), { x, shape }, context);
}

describe('qkerasQuantize', () => {
  it.each(recorded)('%s gives the recorded values', (text, expected) => {
    expect(Array.from(quantise(text, X).values, (y) => y + 0)).toEqual(expected);
  });

  it('has the recorded gradients', () => {
    const slopes = (text: string): number[] => Array.from(quantise(text, X).slopes);
    expect(slopes('quantized_bits(4,1,alpha=1)')).toEqual(Array(13).fill(1));
    expect(slopes('quantized_relu(4,2)')).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0]);
    expect(slopes('quantized_relu(4,2,negative_slope=.25)')).toEqual([...Array(7).fill(0.25), 1, 1, 1, 1, 1, 0]);
    expect(slopes('quantized_linear(4,1)')).toEqual([0, ...Array(11).fill(1), 0]);
    expect(slopes('binary()')[1]).toBeCloseTo(0.2574332, 6);
  });

  it('finds the recorded automatic scales per channel', () => {
    const W = [0.1, -0.5, -0.2, 1.1, 0.35, 0.7];
    const scaleOf = (text: string): number[] => Array.from(quantise(text, W, [3, 2]).scale?.values ?? []);
    expect(scaleOf("quantized_bits(4,0,1,alpha='auto')")[1]).toBeCloseTo(1.2571429, 6);
    expect(scaleOf("quantized_bits(4,0,1,alpha='auto_po2')")).toEqual([0.5, 1]);
    expect(scaleOf("binary(alpha='auto')")[0]).toBeCloseTo(0.2166666, 6);
    expect(scaleOf("binary(alpha='auto_po2')")).toEqual([0.25, 1]);
    expect(Array.from(quantise("ternary(alpha='auto_po2')", W, [3, 2]).values, (y) => y + 0)).toEqual([
      0, 0, -0.25, 1, 0.25, 1,
    ]);
  });

  it('draws randomly while training, and with the right mean', () => {
    let k = 0;
    const training = { ...context, training: true, random: () => (k++ % 100) / 100 };
    const x = Array(1000).fill(0.3);
    const q = parseQuantizer('quantized_bits(4,1,alpha=1,use_stochastic_rounding=True)');
    const { values } = qkerasQuantize(q, { x, shape: [1000] }, training);
    expect([...new Set(values)].sort()).toEqual([0.25, 0.5]);
    expect(values.reduce((sum, y) => sum + y, 0) / 1000).toBeCloseTo(0.3, 2);
  });
});

describe('quantizer strings', () => {
  it.each(recorded)('%s survives printing and parsing', (text) => {
    const quantizer = parseQuantizer(text);
    expect(parseQuantizer(printQuantizer(quantizer))).toEqual(quantizer);
  });

  it.each(recorded)('%s survives what TensorFlow.js does to text of saved models', (text) => {
    // As its converter has it: every underscore and the letter behind become that letter's capital.
    const saved = printQuantizer(parseQuantizer(text)).replaceAll(/_+(\w|$)/g, (_, letter: string) =>
      letter.toUpperCase(),
    );
    expect(parseQuantizer(saved)).toEqual(parseQuantizer(text));
  });

  it('reads the literals of Python', () => {
    expect(parseQuantizer(' quantized_bits( 4 , 0, keep_negative = False, alpha="auto_po2") ')).toMatchObject({
      bits: 4,
      keepNegative: false,
      alpha: 'auto_po2',
    });
    expect(parseQuantizer('hard_sigmoid')).toEqual({ name: 'hard_sigmoid' });
  });

  it.each([
    ['no_such_quantizer(4)', /no QKeras quantizer/],
    ['quantized_bits(4,0,alpha=1', /not a name with arguments/],
    ['quantized_bits(alpha=1,4)', /no name but follows/],
    ['quantized_bits(4,bits=4)', /given twice/],
    ['quantized_bits(0)', /bits = 0/],
    ['quantized_bits(4,0,2)', /symmetric = 2/],
    ["quantized_bits(4,alpha='bad')", /alpha = "bad"/],
    ['quantized_bits(4,beta=3)', /no argument 'beta'/],
    ['quantized_relu(4,1,negative_slope=0.3)', /negative_slope = 0.3/],
    ["ternary(alpha='auto',threshold=0.5)", /threshold = 0.5/],
    ['quantized_po2(4,max_value=-1)', /max_value = -1/],
    ['quantized_bits(__import__("os"))', /only plain values/],
    ['quantized_bits(4,,0)', /argument is empty/],
    ['quantized_bits(4,post_training_scale=0.5)', /not supported/],
  ])('refuses %s', (text, message) => {
    expect(() => parseQuantizer(text)).toThrow(QuantizerStringError);
    expect(() => parseQuantizer(text)).toThrow(message);
  });
});

describe('quantizerLimits', () => {
  it('gives what QKeras uses for weight constraints', () => {
    expect(quantizerLimits(parseQuantizer('quantized_bits(4,1)'))).toEqual({ max: 2, min: -2 });
    expect(quantizerLimits(parseQuantizer('quantized_po2(3)'))).toEqual({ max: 2, min: -2 });
    expect(quantizerLimits(parseQuantizer('quantized_tanh(4,symmetric=1)'))).toEqual({ max: 0.875, min: -0.875 });
  });
});

describe('schedules of hgq1 §7.10', () => {
  it('let quantisation noise set in', () => {
    const schedule = { start: 2, finish: 6, exponent: 3 };
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((t) => qnoiseAt(t, schedule))).toEqual([
      0, 0, 0, 0.578125, 0.875, 0.984375, 1, 1,
    ]);
    expect(() => qnoiseAt(0, { start: 3, finish: 2 })).toThrow(/start = 3/);
  });

  it('forgive smaller models', () => {
    const factor = (reference: number, trial: number): number => forgivingFactor(reference, trial);
    expect([factor(1000, 500), factor(1000, 2000), factor(1000, 250)]).toEqual([
      expect.closeTo(0.08),
      expect.closeTo(-0.08),
      expect.closeTo(0.16),
    ]);
    expect(() => factor(0, 1)).toThrow(/reference = 0/);
  });
});

describe('automatic scales of hgq1 §7.10', () => {
  const W = [0.1, -0.5, -0.2, 1.1, 0.35, 0.7];
  const scaled = (text: string) => quantise(text, W, [3, 2]);
  const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 6));

  it.each([
    ["quantized_bits(4,0,1,alpha='auto')", [0.1, -0.4714286, -0.2, 1.1, 0.35, 0.6285715]],
    ["quantized_bits(4,0,1,alpha='auto_po2')", [0.125, -0.5, -0.1875, 0.875, 0.375, 0.75]],
    ["ternary(alpha='auto')", [0, -0.7666665, -0.275, 0.7666665, 0.275, 0.7666665]],
  ])('%s gives the recorded values', (text, values) => {
    expect(Array.from(scaled(text).values, (y) => y + 0)).toEqual(close(values));
  });

  it('of binary are means of magnitudes', () => {
    expect(Array.from(scaled("binary(alpha='auto')").scale?.values ?? [])).toEqual(close([0.2166666, 0.7666665]));
  });
});
