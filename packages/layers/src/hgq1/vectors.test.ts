/** The numbers of hgq1.md §7 that the other tests of this folder do not have. */

import type { GraphNode } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { registerUnaryFunction } from '../layers/unary-functions.ts';
import { namedVariables, setVariable } from '../model/model-state.ts';
import { qkerasActivation } from '../qkeras/index.ts';
import {
  type HActivation,
  type HQuantize,
  hActivation,
  hDense,
  hQuantize,
  hTraceMinMax,
  signature,
  toProxyModel,
} from './index.ts';
import type { HQuantizerConfig } from './quantizer-config.ts';

beforeAll(() => setBackend('cpu'));

const close = (values: ArrayLike<number>, digits = 6): unknown[] =>
  Array.from(values, (value) => expect.closeTo(value, digits));

/** A model of one quantizer over so many values. */
function quantizer(size: number, paqConf: Partial<HQuantizerConfig>): { model: tf.LayersModel; layer: HQuantize } {
  const layer = hQuantize({ name: 'q', paqConf: { l1: 0, ...paqConf } });
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [size] }), layer] });
  return { model, layer };
}

const setBits = (model: tf.LayersModel, name: string, values: readonly number[]): void =>
  setVariable(namedVariables(model).get(name) as tf.Variable, Float32Array.from(values));

describe('quantizers (7.1, 7.2)', () => {
  it('rounds bit widths half to even', () => {
    const { model } = quantizer(4, {});
    setBits(model, 'q/activation_bw', [0.5, 1.5, 2.5, -0.5]);
    expect(Array.from((model.predict(tf.fill([1, 4], 0.3)) as tf.Tensor).dataSync())).toEqual([0, 0.25, 0.25, 0]);
  });

  it('injects noise while training, except where a value would be 0', () => {
    const { model } = quantizer(4, { rndStrategy: 'fast_uniform_noise_injection', initBw: 2 });
    const x = tf.tensor2d([0.12, -0.12, 0.1, 0.6], [1, 4]);
    const y = Array.from((model.apply(x, { training: true }) as tf.Tensor).dataSync());
    expect(y.slice(0, 3)).toEqual([0, 0, 0]);
    expect(Math.abs(y[3] - 0.6)).toBeLessThanOrEqual(0.125);
    const { model: other } = quantizer(5, { rndStrategy: 'fast_uniform_noise_injection', initBw: 2 });
    const inferred = other.predict(tf.tensor2d([0.1, 0.12, -0.12, 0.3, 0.6], [1, 5])) as tf.Tensor;
    expect(Array.from(inferred.dataSync(), (v) => v + 0)).toEqual([0, 0, 0, 0.25, 0.5]);
  });

  it.each([
    [true, [0.25, 0.5], [0.0346574, -0.1386294]],
    [false, [0.329877, 0.3789291], [-0.0207091, -0.0547095]],
  ])('uses whole bit widths while training: %s', (exactQValue, y, db) => {
    const { model } = quantizer(2, { exactQValue });
    setBits(model, 'q/activation_bw', [1.6, 1.4]);
    const x = tf.fill([1, 2], 0.3);
    let seen: number[] = [];
    const { grads } = tf.variableGrads(() => {
      const out = model.apply(x, { training: true }) as tf.Tensor;
      seen = Array.from(out.dataSync());
      return tf.sum(out) as tf.Scalar;
    });
    expect(seen).toEqual(close(y));
    expect(Array.from(Object.values(grads)[0].dataSync())).toEqual(close(db));
    expect(Array.from((model.predict(x) as tf.Tensor).dataSync())).toEqual([0.25, 0.5]);
  });

  it('quantises a bias with the bit widths of the results', () => {
    const layer = hDense({ name: 'd', units: 2, paqConf: { l1: 0 }, kqConf: { l1: 0 } });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [1] }), layer] });
    setBits(model, 'd/activation_bw', [2, 1]);
    const bias = tf.variable(tf.tensor1d([0.125, -0.25]));
    let y: number[] = [];
    const { grads } = tf.variableGrads(() => {
      const out = layer.paq.callBias(bias, 'training');
      y = Array.from(out.dataSync(), (v) => v + 0);
      return tf.sum(tf.mul(out, tf.tensor1d([1, 10]))) as tf.Scalar;
    });
    expect(y).toEqual([0.25, 0]);
    expect(Array.from(grads[bias.name].dataSync())).toEqual([1, 10]);
    expect(Array.from(grads[layer.paq.fbw.name].dataSync())).toEqual(close([-0.0866434, -1.732868]));
  });
});

describe('bits (7.3)', () => {
  it('follow the ranges that were seen', () => {
    const { model, layer } = quantizer(2, {});
    setBits(model, 'q/activation_bw', [1, 2]);
    const x = tf.tensor2d([0.3, -0.6, 1.2, 0.9], [2, 2]);
    expect(Array.from((model.predict(x) as tf.Tensor).dataSync())).toEqual([0.5, -0.5, 1, 1]);
    hTraceMinMax(model, x);
    expect([...layer.paq.range.min, ...layer.paq.range.max]).toEqual([0.5, -0.5, 1, 1]);
    const { k, i, f } = layer.paq.exact(false);
    expect([[...k], [...i], [...f]]).toEqual([
      [0, 1],
      [1, 1],
      [1, 2],
    ]);
    expect(Array.from(layer.paq.approximate([1, 2], false).dataSync())).toEqual([2, 4]);
  });

  it('are counted too high by the approximate rule, never too low', () => {
    const { model, layer } = quantizer(5, {});
    setBits(model, 'q/activation_bw', [2, 2, 2, 2, 3]);
    layer.paq.setRange(Float64Array.from([0, -1, -1.25, 0.5, 0]), Float64Array.from([0, 0.75, 1, 2, 1.875]));
    expect(Array.from(layer.paq.approximate([1, 5], false).dataSync())).toEqual([0, 4, 4, 4, 4]);
  });

  it('are fitted to a kernel per shared width', () => {
    const layer = hDense({ name: 'd', units: 2, kqConf: { skipDims: [0], initBw: 2 } });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [2] }), layer] });
    setBits(model, 'd/kernel', [1.5, 0.375, -0.1, 4]);
    setBits(model, 'd/kernel_bw', [2, 2]);
    layer.adaptKernelBits();
    expect(layer.kq.fbw.shape).toEqual([1, 2]);
    expect(Array.from(layer.kq.fbw.dataSync())).toEqual(close([1.41504, 0], 4));
  });
});

describe('tables (7.8)', () => {
  registerUnaryFunction('sinSquare', { value: (x) => Math.sin(x) ** 2 - x, slope: (x) => Math.sin(2 * x) - 1 });

  function table(activation: string, conf: Partial<HQuantizerConfig>, max: number, aggressive: boolean): number[] {
    const input = tf.input({ shape: [1] });
    const layer: HActivation = hActivation({ name: 'a', activation, paqConf: conf });
    const s = signature({ keepNegative: 1, bits: 3, intBits: 2 }).apply(input);
    const model = tf.model({ inputs: input, outputs: layer.apply(s) as tf.SymbolicTensor });
    layer.paq.setRange(Float64Array.from([max === 0.5 ? 0 : -1]), Float64Array.from([max]));
    const lut = toProxyModel(model, { aggressive }).nodes.find(({ op }) => op === 'lut');
    return lut?.op === 'lut' ? lut.tables[0].codes.map((code) => code * 2 ** -lut.f) : [];
  }

  it('hold a function and its quantizer', () => {
    const wanted = [0, -0.25, -0.25, -0.5, 1.75, 1.75, 1.75, 0.75];
    expect(table('sinSquare', { initBw: 2 }, 1.5, false)).toEqual(wanted);
    const sigmoid = table('sigmoid', { initBw: 3, rndStrategy: 'floor' }, 0.5, true);
    expect(sigmoid).toEqual([0.5, 0.5, 0.625, 0.75, 0, 0.125, 0.25, 0.375]);
  });
});

describe('QKeras activations in the graph (7.10)', () => {
  it.each([
    ['quantized_bits(8,3,alpha=1)', { k: 1, i: 3, f: 4 }, 'SAT'],
    ['quantized_bits(8,0,0,False,alpha=1)', { k: 0, i: 0, f: 8 }, 'SAT'],
    ['quantized_bits(6,1,1,alpha=1)', { k: 1, i: 1, f: 4 }, 'SAT_SYM'],
    ['quantized_relu(5,3)', { k: 0, i: 3, f: 2 }, 'SAT'],
  ])('%s is a cast', (activation, format, overflow) => {
    const model = tf.sequential({
      layers: [
        qkerasActivation({ activation: 'quantized_bits(12,4,alpha=1)', inputShape: [1] }),
        qkerasActivation({ activation }),
      ],
    });
    const { nodes } = toProxyModel(model, { aggressive: false });
    const last = nodes.at(-1) as GraphNode;
    expect(last).toMatchObject({ op: 'requantize', round: 'RND_CONV', overflow });
    if (last.op === 'requantize') expect(formatAt(last.to, 0)).toEqual(format);
    expect(nodes.filter(({ op }) => op === 'relu')).toHaveLength(activation.includes('relu') ? 1 : 0);
  });
});
