import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { namedVariables, setVariable } from '../model/model-state.ts';
import { dataTypeOf } from './data-type.ts';
import {
  analyzeAccumulator,
  analyzeAccumulatorFromSample,
  parseQuantizer,
  printQStats,
  qkerasActivation,
  qkerasDense,
  qkerasSeparableConv2D,
  qstats,
  qtools,
} from './index.ts';
import { accumulatorOf, multiplierOf } from './multiplier-type.ts';

beforeAll(() => setBackend('cpu'));

const byte = 'quantized_bits(8,0,1,alpha=1)';

function dense(kernelQuantizer = byte, activation = byte): tf.LayersModel {
  return tf.sequential({
    layers: [
      qkerasActivation({ name: 'q', activation, inputShape: [4] }),
      qkerasDense({ name: 'd', units: 2, kernelQuantizer, biasQuantizer: byte }),
    ],
  });
}

describe('qtools', () => {
  it('has the types and the energy of hgq1 §7.10', () => {
    const [, { steps, energy }] = qtools(dense());
    const [{ multiplier, accumulator }] = steps;
    expect(multiplier).toMatchObject({ gate: 'mul', type: { bits: 15 } });
    expect(accumulatorOf(multiplier.type, 4, null).bits).toBe(17);
    expect(accumulator.bits).toBe(18);
    expect(energy.operations).toBeCloseTo(8 * (0.2 + 0.05625), 6);
    expect(energy.total).toBe(energy.inputs + energy.parameters + energy.operations);
  });

  it('reads memory where it is told that numbers are', () => {
    const of = (options: Parameters<typeof qtools>[1]): number[] =>
      qtools(dense(), options).map(({ energy }) => energy.parameters);
    // 64 and 16 bits: a word each.
    expect(of({ minSram: 0 })[1]).toBeCloseTo(0.480477 + 0.463202, 5);
    expect(of({ weights: 'fixed' })).toEqual([0, 0]);
    expect(of({ weights: 'dram' })[1]).toBe(80 * 20.3125);
    const [first] = qtools(dense(), { readWriteOnIo: true });
    expect(first.energy.inputs).toBeGreaterThan(32 * 20.3125);
  });

  it.each([
    ['quantized_bits(4,1,alpha=1)', 'quantized_relu(6,2)', 'mul', 10, 4],
    ['quantized_po2(4)', 'quantized_bits(6,2,alpha=1)', 'shifter', 13, 6],
    ['quantized_bits(4,1,alpha=1)', 'quantized_relu_po2(4)', 'shifter', 19, 9],
    ['quantized_po2(4)', 'quantized_po2(4)', 'add', 5, 0],
    ['ternary(alpha=1)', 'quantized_relu(6,3)', 'mux', 7, 4],
    ['binary(alpha=1)', 'quantized_bits(6,3,alpha=1)', 'mux', 6, 4],
    ['binary(alpha=1)', 'binary(alpha=1)', 'xor', 1, 1],
    ['quantized_bits(4,1,alpha=1)', 'binary(use_01=1,alpha=1)', 'and', 4, 2],
  ] as const)('multiplies %s with %s by %s', (weight, input, gate, bits, intBits) => {
    const [w, x] = [weight, input].map((text) => dataTypeOf(parseQuantizer(text)));
    expect(multiplierOf(w, x)).toMatchObject({ gate, type: { bits, intBits } });
  });

  it('keeps exponents within the largest value of a power of two', () => {
    expect(dataTypeOf(parseQuantizer('quantized_po2(4,4)'))).toMatchObject({ exponents: [-4, 2] });
    const product = multiplierOf(
      dataTypeOf(parseQuantizer('quantized_po2(4)')),
      dataTypeOf(parseQuantizer('quantized_relu_po2(3)')),
    );
    // [−4, 3] and [−4, 3]: from 2⁻⁸ to 2⁶, signed.
    expect(accumulatorOf(product.type, 1, null)).toEqual({ kind: 'fixed', bits: 15, intBits: 7, signed: true });
  });
});

describe('qstats', () => {
  it.each([
    ['quantized_po2(4)', 'binary(alpha=1)', 'sxor_4_1'],
    ['ternary(alpha=1)', 'quantized_po2(4)', 'smux_2_4'],
    ['ternary(alpha=1)', 'binary(alpha=1)', 'smux_2_1'],
    ['binary(alpha=1)', 'binary(alpha=1)', 'sxor_1_1'],
    ['quantized_bits(2,1,alpha=1)', 'quantized_bits(5,1,alpha=1)', 'smux_2_5'],
    ['quantized_bits(2,0,alpha=1)', 'quantized_bits(5,1,alpha=1)', 'smult_2_5'],
    ['quantized_relu_po2(4)', 'quantized_relu(5,1)', 'ubarrel_4_5'],
  ])('takes %s times %s for %s, as QKeras', (weight, input, type) => {
    expect(qstats(dense(weight, input))[0].type).toBe(type);
  });

  it('prints operations by kind and the energy with its source', () => {
    const text = printQStats(dense());
    expect(text).toMatch(/Number of operation types in model:\n {4}smult_8_8 +: 8\n/);
    expect(text).toMatch(/Energy of one row of data in pJ \(M\. Horowitz.*\n {4}q .*\n {4}d .*\n {4}Total energy/);
  });
});

describe('analyzeAccumulator', () => {
  const model = dense('quantized_bits(4,1,alpha=1)');
  const variables = namedVariables(model);
  setVariable(variables.get('d/kernel') as tf.Variable, Float32Array.from([1, -0.5, 0.5, 0.25, -0.25, -0.5, 1, 0.75]));
  setVariable(variables.get('d/bias') as tf.Variable, Float32Array.from([0.5, -0.25]));

  it('finds the largest sum of a range, over all channels', () => {
    // 2.5·2 + 0.25·1 + 0.5, and 1·2 + 1·1 + 0.25 the other way round.
    expect(analyzeAccumulator(model, { d: [-1, 2] })).toEqual([{ layer: 'd', largest: 5.75, bits: 3 }]);
    expect(analyzeAccumulator(model, { d: [-3, 0] })).toEqual([{ layer: 'd', largest: 7, bits: 3 }]);
    expect(() => analyzeAccumulator(model, {})).toThrow(/no range .* 'd'/);
  });

  it('takes ranges or results from a sample', () => {
    const sample = tf.tensor2d([0.5, 0.5, -0.5, 0.5, 0, 0, 0, 0], [2, 4]);
    expect(analyzeAccumulatorFromSample(model, sample)[0].largest).toBe(2.5 * 0.5 + 0.25 * 0.5 + 0.5);
    expect(analyzeAccumulatorFromSample(model, sample, 'sampled')).toEqual([{ layer: 'd', largest: 1.875, bits: 1 }]);
    expect(() => analyzeAccumulatorFromSample(model, sample, 'worst' as 'sampled')).toThrow(/mode = 'worst'/);
  });

  it('refuses what has two sums', () => {
    const separable = tf.sequential({
      layers: [
        qkerasSeparableConv2D({
          name: 's',
          inputShape: [4, 4, 1],
          filters: 1,
          kernelSize: 2,
          depthwiseQuantizer: byte,
        }),
      ],
    });
    expect(() => analyzeAccumulator(separable, { s: [0, 1] })).toThrow(/'s': a separable convolution has two sums/);
  });
});
