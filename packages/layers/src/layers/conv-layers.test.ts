import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import {
  collectQLayers,
  loadModel,
  modelState,
  type QLayer,
  qAveragePooling1D,
  qAveragePooling2D,
  qBatchNormalization,
  qBatchNormDense,
  qConv1D,
  qConv2D,
  qConv2DBatchNorm,
  qDenseBatchNorm,
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
  saveModel,
  setBackend,
  traceMinMax,
} from '../index.ts';
import type { QLayerArgs } from './q-layer.ts';

let folder: string;
beforeAll(async () => {
  await setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'conv-layers-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Quantizers of hgq2 §7.5: 5 bits in, 4-bit weights, 6-bit biases, no penalties on bits. */
const fixed = { overflowMode: 'SAT_SYM', ir: 0, trainable: true } as const;
const golden = {
  beta0: 1,
  iqConf: { ...fixed, qType: 'kif', i0: 2, f0: 3, fr: 0 },
  kqConf: { ...fixed, qType: 'kbi', b0: 4, i0: 2, br: 0 },
  bqConf: { ...fixed, qType: 'kbi', b0: 6, i0: 2, br: 0 },
} as const;
const { kqConf: _, bqConf: __, ...goldenInput } = golden;
const conv = { ...golden, filters: 2, kernelSize: 3 } as const;

/** Expected EBOPs; those of the reference unless the name says otherwise. */
const costs: [string, number[], (args: QLayerArgs) => QLayer, number][] = [
  ['conv2d valid', [6, 5, 3], () => qConv2D(conv), 13320],
  ['conv2d valid, one position at once', [6, 5, 3], () => qConv2D({ ...conv, parallelizationFactor: 1 }), 1440],
  ['conv2d valid, strides 2', [6, 5, 3], () => qConv2D({ ...conv, strides: 2 }), 4680],
  ['conv2d same', [6, 5, 3], () => qConv2D({ ...conv, padding: 'same' }), 25320],
  ['conv2d same, one at once', [6, 5, 3], () => qConv2D({ ...conv, padding: 'same', parallelizationFactor: 1 }), 1192],
  ['conv2d same, strides 2', [6, 5, 3], () => qConv2D({ ...conv, padding: 'same', strides: 2 }), 7080],
  [
    'conv2d same, strides 2, one at once',
    [6, 5, 3],
    () => qConv2D({ ...conv, padding: 'same', strides: 2, parallelizationFactor: 1 }),
    1106 + 2 / 3,
  ],
  ['conv2d without bias', [6, 5, 3], () => qConv2D({ ...conv, useBias: false, ebopsFactor: 0.25 }), 3240],
  ['batch normalisation', [6, 5, 3], () => qBatchNormalization(golden), 2340],
  ['max pooling', [6, 5, 3], () => qMaxPooling2D(goldenInput), 450],
  ['max pooling, one at once', [6, 5, 3], () => qMaxPooling2D({ ...goldenInput, parallelizationFactor: 1 }), 75],
  ['average pooling', [6, 5, 3], () => qAveragePooling2D(goldenInput), 450],
  ['global average pooling', [6, 5, 3], () => qGlobalAveragePooling2D(goldenInput), 450],
  // By the formula: bias where it is added; groups; fused layers cost what they deploy.
  ['conv2d, bias at outputs', [6, 5, 3], () => qConv2D({ ...conv, biasEbops: 'output' }), 12960 + 6 * 12 * 2],
  ['conv2d, 2 groups', [6, 5, 4], () => qConv2D({ ...conv, filters: 4, groups: 2 }), 12 * 9 * 2 * 4 * 20 + 6 * 30 * 4],
  ['conv1d causal', [5, 3], () => qConv1D({ ...conv, padding: 'causal' }), 12 * 3 * 2 * 20 + 6 * 5 * 2],
  ['conv1d dilated', [6, 3], () => qConv1D({ ...conv, dilationRate: 2 }), 2 * 3 * 3 * 2 * 20 + 6 * 6 * 2],
  ['max pooling 1d', [6, 3], () => qMaxPooling1D({ ...goldenInput, parallelizationFactor: 1 }), 30],
  ['conv2d + norm', [6, 5, 3], () => qConv2DBatchNorm({ ...conv, center: false }), 13320],
  ['dense + norm', [4], () => qDenseBatchNorm({ ...golden, units: 3 }), 258],
  ['norm + dense', [4], () => qBatchNormDense({ ...golden, units: 3 }), 258],
];

describe('EBOPs', () => {
  it.each(costs)('of %s', (_, shape, make, expected) => {
    const layer = make(golden);
    layer.apply(tf.input({ shape }));
    expect(layer.ebops).toBe(Math.trunc(expected));
    const loss = layer.calculateLosses().reduce((sum, term) => sum + term.dataSync()[0], 0);
    expect(loss).toBe(Math.fround(expected));
  });

  it.each(costs)('of %s fall by what one bit less saves', (_, shape, make) => {
    const layer = make(golden);
    layer.apply(tf.input({ shape }));
    const loss = (): tf.Scalar =>
      layer.calculateLosses().reduce((sum, term) => tf.add(sum, term), tf.scalar(0) as tf.Scalar);
    for (const [role, quantizer] of layer.quantizers) {
      const name = quantizer.config.qType === 'kbi' ? 'b' : 'f';
      const bits = layer.weights
        .find((weight) => weight.originalName.endsWith(`${role}/${name}`))!
        .read() as tf.Variable;
      const { value, grads } = tf.variableGrads(loss, [bits]);
      const at = Math.floor(bits.size / 2);
      const gradient = grads[bits.name].dataSync()[at];
      bits.assign(
        tf.tensor(
          Float32Array.from(bits.dataSync(), (b, j) => (j === at ? b - 1 : b)),
          bits.shape,
        ),
      );
      const saved = value.dataSync()[0] - loss().dataSync()[0];
      expect(gradient, role).toBeGreaterThanOrEqual(0);
      expect(Math.abs(gradient - saved) / value.dataSync()[0], role).toBeLessThan(1e-6);
    }
  });
});

const satSym = { overflowMode: 'SAT_SYM', qType: 'kbi', b0: 5, i0: 1 } as const;
const norm = { momentum: 0.5, epsilon: 0.01, gammaInitializer: 'randomNormal' } as const;
const base = {
  beta0: 1e-4,
  ebopsFactor: 0.5,
  iqConf: { heterogeneousAxis: [-1], i0: 3, f0: 4 },
  name: 'layer',
} as const;
const weighted = { ...base, kqConf: satSym, bqConf: { roundMode: 'TRN' }, activation: 'relu' } as const;

/** Every layer, options away from their defaults. */
const layers: [string, number[], () => QLayer][] = [
  [
    'qConv1D',
    [8, 4],
    () => qConv1D({ ...weighted, filters: 4, kernelSize: 3, padding: 'causal', dilationRate: 2, groups: 2 }),
  ],
  [
    'qConv2D',
    [6, 8, 2],
    () =>
      qConv2D({ ...weighted, filters: 3, kernelSize: [3, 2], strides: [1, 2], padding: 'same', biasEbops: 'output' }),
  ],
  [
    'qConv2D without bias',
    [6, 8, 2],
    () => qConv2D({ ...weighted, filters: 2, kernelSize: 1, useBias: false, enableOq: true, parallelizationFactor: 3 }),
  ],
  ['qBatchNormalization', [4, 3, 2], () => qBatchNormalization({ ...base, ...norm, kqConf: satSym, scale: false })],
  ['qBatchNormalization, centred at 0', [5], () => qBatchNormalization({ ...base, ...norm, center: false, axis: 1 })],
  ['qDenseBatchNorm', [3, 5], () => qDenseBatchNorm({ ...weighted, ...norm, units: 4, parallelizationFactor: 1 })],
  ['qDenseBatchNorm, centred at 0', [5], () => qDenseBatchNorm({ ...weighted, ...norm, units: 2, center: false })],
  ['qBatchNormDense', [5], () => qBatchNormDense({ ...weighted, ...norm, units: 3, biasInitializer: 'ones' })],
  [
    'qConv2DBatchNorm',
    [5, 5, 2],
    () => qConv2DBatchNorm({ ...weighted, ...norm, filters: 3, kernelSize: 2, strides: 2, center: false }),
  ],
  ['qMaxPooling1D', [7, 2], () => qMaxPooling1D({ ...base, poolSize: 3, strides: 2, padding: 'same' })],
  ['qMaxPooling2D', [5, 4, 2], () => qMaxPooling2D({ ...base, poolSize: [3, 2], parallelizationFactor: 2 })],
  ['qAveragePooling1D', [7, 2], () => qAveragePooling1D({ ...base, poolSize: 2, strides: 3 })],
  ['qAveragePooling2D', [5, 4, 2], () => qAveragePooling2D({ ...base, poolSize: 3, strides: 1, padding: 'same' })],
  ['qGlobalMaxPooling1D', [5, 2], () => qGlobalMaxPooling1D({ ...base, keepdims: true })],
  ['qGlobalMaxPooling2D', [5, 4, 2], () => qGlobalMaxPooling2D(base)],
  ['qGlobalAveragePooling1D', [5, 2], () => qGlobalAveragePooling1D(base)],
  ['qGlobalAveragePooling2D', [5, 4, 2], () => qGlobalAveragePooling2D({ ...base, keepdims: true, enableOq: true })],
];

function modelOf(shape: readonly number[], layer: QLayer): tf.LayersModel {
  const input = tf.input({ shape: [...shape], name: 'x' });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
  for (const [index, weight] of layer.weights.entries()) {
    if (/(kernel|bn_gamma)$/.test(weight.originalName)) {
      weight.write(gridTensor(weight.shape as number[], 10 + index, 7));
    }
  }
  return model;
}

/** A few steps, so that weights, bit widths, ranges and statistics are all away from where they start. */
function train(model: tf.LayersModel, x: tf.Tensor): void {
  const optimizer = tf.train.adam(0.05);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  for (let step = 0; step < 3; step++) {
    optimizer.minimize(
      () => {
        const y = model.apply(x, { training: true }) as tf.Tensor;
        return tf.addN([tf.mean(tf.square(y)), ...model.calculateLosses()]) as tf.Scalar;
      },
      false,
      variables,
    );
  }
  optimizer.dispose();
}

/** Serialised options: JSON has null where tfjs writes undefined. */
const plain = (config: unknown): unknown =>
  JSON.parse(JSON.stringify(config, (_, value) => (value === undefined ? null : value)));

const predicted = (model: tf.LayersModel, x: tf.Tensor): number[] => [...(model.apply(x) as tf.Tensor).dataSync()];

describe('saving and loading keeps everything of', () => {
  it.each(layers)('%s', async (name, shape, make) => {
    const original = modelOf(shape, make());
    const x = gridTensor([6, ...shape], 3, 6);
    train(original, x);
    traceMinMax(original, x);
    const target = join(folder, name.replaceAll(/\W+/g, '-'));
    await saveModel(original, target);
    const copy = await loadModel(target);
    expect(modelState(copy)).toEqual(modelState(original));
    expect(plain(copy.getConfig())).toEqual(plain(original.getConfig()));
    expect(predicted(copy, x)).toEqual(predicted(original, x));
    const [[before], [after]] = [collectQLayers(original), collectQLayers(copy)];
    expect(after.ebops).toBe(before.ebops);
    expect(after.ebops).toBeGreaterThan(0);
    expect([...after.quantizers].map(([role, q]) => [role, q.config, q.traced])).toEqual(
      [...before.quantizers].map(([role, q]) => [role, q.config, q.traced]),
    );
    expect(new Set(predicted(copy, x)).size).toBeGreaterThan(2);
  });

  it.each(layers)('%s, in the output shape it announces', (_, shape, make) => {
    const model = modelOf(shape, make());
    const y = model.apply(gridTensor([2, ...shape], 3, 6), { tracing: true }) as tf.Tensor;
    expect(y.shape).toEqual([2, ...model.outputs[0].shape.slice(1)]);
  });
});

describe('training steps', () => {
  it.each(layers)('of %s leave no tensors behind', (_, shape, make) => {
    const model = modelOf(shape, make());
    const x = gridTensor([6, ...shape], 3, 6);
    train(model, x);
    const before = tf.memory().numTensors;
    train(model, x);
    model.apply(x, {}) as tf.Tensor;
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});

describe('poolings', () => {
  const dummy = { enableIq: false } as const;

  it('of a whole image equal tfjs', () => {
    const x = gridTensor([3, 4, 5, 2], 1, 5) as tf.Tensor4D;
    const values = (layer: tf.layers.Layer): tf.Tensor => layer.apply(x) as tf.Tensor;
    expect([...values(qGlobalMaxPooling2D(dummy)).dataSync()]).toEqual([...tf.max(x, [1, 2]).dataSync()]);
    const mean = values(qGlobalAveragePooling2D({ ...dummy, keepdims: true }));
    expect(mean.shape).toEqual([3, 1, 1, 2]);
    for (const [j, value] of tf.mean(x, [1, 2]).dataSync().entries()) expect(mean.dataSync()[j]).toBeCloseTo(value, 6);
  });

  it('along a sequence equal tfjs', () => {
    const x = gridTensor([3, 7, 2], 1, 5);
    for (const padding of ['valid', 'same'] as const) {
      const window = { poolSize: 3, strides: 2, padding };
      const max = qMaxPooling1D({ ...dummy, ...window }).apply(x) as tf.Tensor;
      const stock = tf.layers.maxPooling1d(window).apply(x) as tf.Tensor;
      expect([...max.dataSync()]).toEqual([...stock.dataSync()]);
      const mean = qAveragePooling1D({ ...dummy, ...window }).apply(x) as tf.Tensor;
      const average = tf.layers.averagePooling1d(window).apply(x) as tf.Tensor;
      for (const [j, value] of average.dataSync().entries()) expect(mean.dataSync()[j]).toBeCloseTo(value, 6);
    }
  });

  it('refuse what they cannot do, naming the layer', () => {
    const image = tf.input({ shape: [4, 3, 2] });
    const name = 'pool';
    expect(() => qMaxPooling2D({ name, padding: 'causal' })).toThrow(/Layer 'pool': padding = 'causal'/);
    expect(() => qMaxPooling2D({ name, poolSize: 4 }).apply(image)).toThrow(/Layer 'pool'.*4 does not fit into 3/);
    expect(() => qAveragePooling1D({ name }).apply(image)).toThrow(
      /Layer 'pool'.*expected \[batch, length, channels\]/,
    );
    expect(() => qGlobalMaxPooling2D({ name, dataFormat: 'channels' })).toThrow(/Layer 'pool'.*channelsLast/);
    expect(() => qMaxPooling1D({ name, strides: 0.5 })).toThrow(/Layer 'pool': strides = 0.5/);
  });
});
