import { interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import { compareRandomModels } from '../../test/support/compare-random-models.ts';
import { labels, sparseImages } from '../../test/support/default-network.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import { randomDenseModel } from '../../test/support/random-dense-model.ts';
import {
  inputReduce,
  lower,
  qAveragePooling2D,
  qBatchNormalization,
  qConv2D,
  qConv2DBatchNorm,
  qConv2DSparse,
  qDense,
  qDenseBatchNorm,
  qGlobalAveragePooling2D,
  qMaxPooling2D,
  quantizerConfigScope,
  setBackend,
  sparseFlatten,
  traceMinMax,
} from '../index.ts';

type Symbolic = tf.SymbolicTensor;

function chain(input: Symbolic, ...layers: tf.layers.Layer[]): tf.LayersModel {
  const outputs = layers.reduce((x, layer) => layer.apply(x) as Symbolic, input);
  return tf.model({ inputs: input, outputs });
}

describe.each(['cpu', 'wasm'] as const)('lower dense models on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('computes what inference computes, bit for bit, in random models with every kind of layer', () => {
    const seeds = Array.from({ length: 40 }, (_, j) => 1000 * (j + 1) + (backend === 'cpu' ? 0 : 500));
    const { compared, kinds } = compareRandomModels(seeds, randomDenseModel);
    expect(compared).toBeGreaterThan(36);
    expect(kinds.size).toBeGreaterThan(13);
  });

  it('computes what inference computes after training with batch normalisation', async () => {
    const iqConf = { i0: 3, f0: 6, heterogeneousAxis: [-1] };
    const kernelInitializer = tf.initializers.glorotUniform({ seed: 7 });
    const weights = { iqConf, kernelInitializer };
    const model = chain(
      tf.input({ shape: [12, 12, 1], name: 'image' }),
      qConv2DBatchNorm({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', ...weights, name: 'conv1' }),
      qMaxPooling2D({ iqConf, name: 'pool1' }),
      qConv2D({ filters: 4, kernelSize: 3, strides: 2, ...weights, name: 'conv2' }),
      qBatchNormalization({ iqConf, name: 'norm' }),
      qGlobalAveragePooling2D({ iqConf, name: 'pool2' }),
      qDenseBatchNorm({ units: 10, ...weights, name: 'dense' }),
    );
    const images = sparseImages(48, 12, 4, 0.3);
    model.compile({
      optimizer: tf.train.adam(0.01),
      loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
    });
    const history = await model.fit(images, labels(48), { batchSize: 16, epochs: 6, verbose: 0, shuffle: false });
    const { loss } = history.history as { loss: number[] };
    expect(loss.at(-1)).toBeLessThan(loss[0]);
    traceMinMax(model, images);
    const graph = lower(model, { calibration: images });
    expect(Object.values(mismatches(model, graph, images)).every((count) => count === 0)).toBe(true);
    expect(Object.values(mismatches(model, graph, sparseImages(16, 12, 9, 0.3))).every((n) => n === 0)).toBe(true);
  });

  it('divides averages exactly once, by the pixels under each window', () => {
    const oqConf = { i0: 2, f0: 5, overflowMode: 'SAT', roundMode: 'TRN', heterogeneousAxis: [] } as const;
    for (const [poolSize, strides] of [
      [3, 1],
      [[3, 5], 2],
      [7, 7],
    ] as const) {
      const pool = { poolSize, strides, padding: 'same', enableIq: false, enableOq: true, oqConf } as const;
      const model = chain(tf.input({ shape: [9, 11, 2], name: 'x' }), qAveragePooling2D(pool));
      const x = gridTensor([6, 9, 11, 2], 3, 6);
      const graph = lower(model, { inputType: 'ap_fixed<8,2,RND,SAT>' });
      expect(graph.nodes.find((node) => node.op === 'pool2d')?.divisor).toBeGreaterThan(1);
      expect(Object.values(mismatches(model, graph, x))).toEqual([0, 0]);
    }
  });

  it('takes sparse features as dense images, zeros included', () => {
    const input = tf.input({ shape: [8, 8, 1], name: 'image' });
    const iqConf = { i0: 3, f0: 4, heterogeneousAxis: [-1] };
    const [x0, mask] = inputReduce({ n: 9, threshold: 0.3, name: 'reduce' }).apply(input) as Symbolic[];
    const sparse = qConv2DSparse({ filters: 3, kernelSize: 3, iqConf, name: 'sparse' }).apply([x0, mask]) as Symbolic;
    const norm = qBatchNormalization({
      iqConf,
      name: 'norm',
      betaInitializer: 'ones',
      movingMeanInitializer: 'ones',
    }).apply(sparse);
    const conv = qConv2D({ filters: 2, kernelSize: 3, iqConf, activation: 'relu', name: 'conv' }).apply(norm);
    const pool = qMaxPooling2D({ iqConf, name: 'pool' }).apply(sparse) as Symbolic;
    const flat = sparseFlatten({ name: 'flat' }).apply(pool) as Symbolic;
    const dense = qDense({ units: 3, name: 'dense' }).apply(flat) as Symbolic;
    const model = tf.model({ inputs: input, outputs: [conv as Symbolic, dense] });
    const images = sparseImages(16, 8, 5, 0.2);
    traceMinMax(model, images);
    const graph = lower(model, { calibration: images });
    const counts = mismatches(model, graph, images);
    expect(counts).toEqual({ image: 0, reduce: 0, sparse: 0, norm: 0, conv: 0, pool: 0, flat: 0, dense: 0 });
    const { outputs } = interpret(graph, images.dataSync<'float32'>());
    expect(Object.keys(outputs)).toEqual(['conv.relu', 'dense.dense']);
  });
});

describe('lower', () => {
  beforeAll(() => setBackend('cpu'));
  const image = (): Symbolic => tf.input({ shape: [6, 6, 2], name: 'x' });
  const inputType = 'ap_fixed<8,2,RND,SAT>';

  it('gives convolutions the geometry of the layer', () => {
    const model = chain(
      image(),
      qConv2D({ filters: 4, kernelSize: [3, 2], padding: 'same', strides: [2, 1], groups: 2, name: 'conv' }),
    );
    traceMinMax(model, gridTensor([4, 6, 6, 2], 1, 4));
    const conv = lower(model, { inputType }).nodes.find((node) => node.op === 'conv2d');
    expect(conv).toMatchObject({
      name: 'conv.conv',
      layer: 'conv',
      shape: [3, 6, 4],
      strides: [2, 1],
      dilation: [1, 1],
      groups: 2,
      pads: [
        [0, 1],
        [0, 1],
      ],
    });
  });

  it('takes maximum poolings and reshapes of tfjs itself', () => {
    const model = chain(
      image(),
      tf.layers.maxPooling2d({ poolSize: [3, 2], strides: [2, 2], padding: 'same' }),
      qConv2D({ filters: 4, kernelSize: 2, name: 'conv' }),
      tf.layers.reshape({ targetShape: [4, 4] }),
      tf.layers.maxPooling1d({ poolSize: 2, strides: 1 }),
      tf.layers.globalMaxPooling1d({}),
      tf.layers.reshape({ targetShape: [2, 1, 2] }),
      tf.layers.globalMaxPooling2d({ dataFormat: 'channelsLast' }),
    );
    const x = gridTensor([8, 6, 6, 2], 1, 6);
    traceMinMax(model, x);
    expect(Object.values(mismatches(model, lower(model, { inputType }), x))).toEqual(new Array(8).fill(0));
    const mean = chain(image(), tf.layers.averagePooling2d({ name: 'mean' }));
    expect(() => lower(mean, { inputType })).toThrow(/Layer 'mean'.*'AveragePooling2D' cannot be lowered/);
  });

  it('refuses untraced and dummy quantizers in folded weights, naming the layer', () => {
    const x = gridTensor([4, 6, 6, 2], 1, 4);
    const fused = chain(image(), qConv2DBatchNorm({ filters: 2, kernelSize: 1, name: 'fused' }));
    expect(() => lower(fused, { inputType })).toThrow(/Layer 'fused': WRAP quantizer 'fused\/iq' was not traced/);
    const dummy = quantizerConfigScope({ place: 'weight', defaultQType: 'dummy' }, () =>
      chain(image(), qBatchNormalization({ name: 'norm' })),
    );
    traceMinMax(dummy, x);
    expect(() => lower(dummy, { inputType })).toThrow(/Layer 'norm': its input normalise\(x\).*no quantizer rounds/);
  });

  it('divides once in poolings that follow each other, by the product of their windows', () => {
    const plain = { poolSize: 3, strides: 2, padding: 'same', enableIq: false } as const;
    const oqConf = { i0: 2, f0: 5, overflowMode: 'SAT', roundMode: 'TRN', heterogeneousAxis: [] } as const;
    const last = qAveragePooling2D({ ...plain, enableOq: true, oqConf });
    const model = chain(image(), qAveragePooling2D(plain), qMaxPooling2D({ poolSize: 1, enableIq: false }), last);
    const graph = lower(model, { inputType });
    expect(Object.values(mismatches(model, graph, gridTensor([8, 6, 6, 2], 1, 6)))).toEqual([0, 0, 0, 0]);
  });

  it('refuses sums over averages that were not rounded', () => {
    const pool = (): tf.layers.Layer => qAveragePooling2D({ poolSize: 3, enableIq: false, name: 'mean' });
    for (const next of [
      qConv2D({ filters: 1, kernelSize: 1, enableIq: false, name: 'next' }),
      qBatchNormalization({ enableIq: false, name: 'next' }),
      qGlobalAveragePooling2D({ enableIq: false, name: 'next' }),
    ]) {
      const model = chain(image(), pool(), next);
      traceMinMax(model, gridTensor([4, 6, 6, 2], 1, 4));
      expect(() => lower(model, { inputType })).toThrow(/Layer 'next': its input is an average.*enableIq: true/);
    }
  });
});
