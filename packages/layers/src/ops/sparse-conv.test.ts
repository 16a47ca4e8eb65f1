import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { labels, sparseImages } from '../../test/support/default-network.ts';
import type { QuantizerOptions } from '../config/quantizer-settings.ts';
import {
  averagePooling2DSparse,
  inputReduce,
  maxPooling2DSparse,
  QConv2DSparse,
  qDense,
  setBackend,
  sparseFlatten,
} from '../index.ts';
import type { QConv2DSparseArgs } from '../layers/q-conv2d-sparse.ts';
import { namedVariables } from '../model/model-state.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import { sparseConvReference } from './sparse-conv-reference.ts';

/** The layer on whole images. */
class DenseConv extends QConv2DSparse {
  static override readonly className = 'DenseConv' as 'QConv2DSparse';

  protected override forward([features, mask]: tf.Tensor[], context: CallContext): tf.Tensor {
    const bias = this.bias == null || this.bq == null ? null : this.bq.call(this.bias.read(), context);
    const kernel = this.kq.call(this.kernel.read(), context);
    return sparseConvReference(
      { features, mask, kernel, bias },
      (y) => (this.activation === 'relu' ? tf.relu(y) : y),
      (x) => this.quantisedInput(x, context),
    );
  }
}

interface Result {
  readonly values: Record<string, Float32Array>;
  readonly state: Record<string, Float32Array>;
}

/** Output, gradients with respect to every input and variable, and the quantizers' state after the call. */
function run(layer: QConv2DSparse, features: tf.Tensor, mask: tf.Tensor, upstream: tf.Tensor): Result {
  return tf.tidy(() => {
    const [x, m] = [tf.variable(features), tf.variable(mask)];
    const trained = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    let output = new Float32Array();
    const { grads } = tf.variableGrads(() => {
      const y = layer.apply([x, m], { training: true }) as tf.Tensor;
      output = y.dataSync<'float32'>().slice();
      return tf.sum(tf.mul(y, upstream)) as tf.Scalar;
    }, [x, m, ...trained]);
    const named = Object.fromEntries(
      layer.trainableWeights.map((weight) => [shortName(weight.originalName), grads[weight.name]]),
    );
    const values = Object.entries({ x: grads[x.name], mask: grads[m.name], ...named }).map(([name, tensor]) => [
      name,
      tensor?.dataSync<'float32'>().slice() ?? new Float32Array(),
    ]);
    const state = layer.weights.map((weight) => [
      shortName(weight.originalName),
      weight.read().dataSync<'float32'>().slice(),
    ]);
    x.dispose();
    m.dispose();
    return {
      values: { output, ...Object.fromEntries(values) },
      state: Object.fromEntries(state),
    } as unknown as tf.TensorContainer;
  }) as unknown as Result;
}

function shortName(name: string): string {
  return name.split('/').slice(1).join('/');
}

function expectClose(actual: Record<string, Float32Array>, expected: Record<string, Float32Array>): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    expect(actual[name].length).toBe(values.length);
    const worst = values.reduce((largest, value, j) => Math.max(largest, Math.abs(value - actual[name][j])), 0);
    expect({ name, close: worst <= 2e-6 * scale }).toEqual({ name, close: true });
  }
}

const perChannel: QuantizerOptions = { i0: 2, f0: 3, heterogeneousAxis: [-1] };
const cases: readonly (readonly [string, Partial<QConv2DSparseArgs>])[] = [
  ['per position, WRAP, relu', { iqConf: { i0: 2, f0: 3 }, activation: 'relu' }],
  ['per channel, SAT, relu', { iqConf: { ...perChannel, overflowMode: 'SAT' }, activation: 'relu' }],
  [
    'per channel, KBI WRAP, linear, no bias',
    { iqConf: { qType: 'kbi', b0: 5, i0: 2, heterogeneousAxis: [-1] }, useBias: false },
  ],
  ['per row, SAT_SYM, linear', { iqConf: { i0: 1, f0: 2, overflowMode: 'SAT_SYM', heterogeneousAxis: [1] } }],
  ['without input quantizer', { enableIq: false, activation: 'relu' }],
];

describe.each(['cpu', 'wasm'] as const)('the list convolution on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it.each(cases)('gives the numbers, gradients and ranges of the one on whole images: %s', (_, args) => {
    const random = seededRandom(17);
    const [batch, height, width, channels] = [3, 6, 7, 2];
    const mask = tf.tensor4d(
      Float32Array.from({ length: batch * height * width }, (__, p) => (p < 42 || random() < 0.7 ? 0 : 1)),
      [batch, height, width, 1],
    );
    const features = tf.tensor4d(
      Float32Array.from({ length: batch * height * width * channels }, () => random() * 4 - 2),
      [batch, height, width, channels],
    );
    const upstream = tf.tensor4d(
      Float32Array.from({ length: batch * height * width * 3 }, () => random() - 0.5),
      [batch, height, width, 3],
    );
    const make = (layerClass: typeof QConv2DSparse): QConv2DSparse => {
      const layer = new layerClass({
        filters: 3,
        kernelSize: [3, 5],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
        biasInitializer: tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 2 }),
        ...args,
      });
      layer.apply([tf.input({ shape: [height, width, channels] }), tf.input({ shape: [height, width, 1] })]);
      return layer;
    };
    const [fast, slow] = [make(QConv2DSparse), make(DenseConv)];
    const [actual, expected] = [run(fast, features, mask, upstream), run(slow, features, mask, upstream)];
    expectClose(actual.values, expected.values);
    expect(actual.state).toEqual(expected.state);
    expect(expected.values.mask.filter((g) => g !== 0).length).toBeGreaterThan(60);
  });

  it('carries learned masks through poolings: every gradient of a network', () => {
    const images = sparseImages(8, 12, 21, 0.15);
    const truth = labels(8);
    const results = [QConv2DSparse, DenseConv].map((Conv) => {
      const input = tf.input({ shape: [12, 12, 1] });
      const seeded = (seed: number): Pick<QConv2DSparseArgs, 'kernelInitializer'> => ({
        kernelInitializer: tf.initializers.glorotUniform({ seed }),
      });
      const iqConf = { i0: 4, f0: 8 };
      const [x0, m0] = inputReduce({ n: 9, threshold: 0.4, tauThreshold: 0.2, tauN: 3, name: 'reduce' }).apply(
        input,
      ) as tf.SymbolicTensor[];
      const c1 = new Conv({ filters: 3, kernelSize: 3, activation: 'relu', iqConf, name: 'c1', ...seeded(1) }).apply([
        x0,
        m0,
      ]) as tf.SymbolicTensor;
      const [x1, m1] = maxPooling2DSparse({ poolSize: 2, name: 'p1' }).apply([c1, m0]) as tf.SymbolicTensor[];
      const c2 = new Conv({ filters: 3, kernelSize: 3, activation: 'relu', iqConf, name: 'c2', ...seeded(2) }).apply([
        x1,
        m1,
      ]) as tf.SymbolicTensor;
      const c3 = new Conv({ filters: 2, kernelSize: [3, 1], iqConf, name: 'c3', ...seeded(3) }).apply([
        c2,
        m1,
      ]) as tf.SymbolicTensor;
      const pair = averagePooling2DSparse({ poolSize: [2, 3], name: 'p2' }).apply([c3, m1]) as tf.SymbolicTensor[];
      const c4 = new Conv({ filters: 2, kernelSize: 3, iqConf, name: 'c4', ...seeded(5) }).apply(
        pair,
      ) as tf.SymbolicTensor;
      const flat = sparseFlatten().apply(c4) as tf.SymbolicTensor;
      const logits = qDense({ units: 10, iqConf, name: 'd', ...seeded(4) }).apply(flat) as tf.SymbolicTensor;
      const model = tf.model({ inputs: input, outputs: logits });
      return tf.tidy(() => {
        const variables = [...namedVariables(model)].filter(([, variable]) => variable.trainable);
        const { grads } = tf.variableGrads(
          () => tf.losses.softmaxCrossEntropy(truth, model.apply(images, { training: true }) as tf.Tensor),
          variables.map(([, variable]) => variable),
        );
        return Object.fromEntries(
          variables.map(([name, variable]) => [name, grads[variable.name].dataSync<'float32'>().slice()]),
        ) as unknown as tf.TensorContainer;
      }) as unknown as Record<string, Float32Array>;
    });
    expectClose(results[0], results[1]);
    expect(results[0]['reduce/threshold'][0]).not.toBe(0);
    expect(results[0]['reduce/n_frac'][0]).not.toBe(0);
  });
});
