import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerZoo } from '../../test/support/layer-zoo.ts';
import { setBackend } from '../backend/set-backend.ts';
import { inputReduce } from '../layers/input-reduce.ts';
import { averagePooling2DSparse, maxPooling2DSparse } from '../layers/pooling2d-sparse.ts';
import { qConv2DSparse } from '../layers/q-conv2d-sparse.ts';
import { qDense } from '../layers/q-dense.ts';
import { quantizer } from '../layers/quantizer-layer.ts';
import { removeDilatedPixels } from '../layers/remove-dilated-pixels.ts';
import { sparseFlatten } from '../layers/sparse-flatten.ts';
import { modelState } from '../model/model-state.ts';
import { traceMinMax } from '../model/trace-min-max.ts';
import { collectQLayers } from '../model/walk.ts';
import { loadModel, saveModel } from './save-model.ts';

type Tensor = tf.SymbolicTensor;

const image = (channels = 1): Tensor => tf.input({ shape: [8, 8, channels], name: 'image' });
const sparse = (input: Tensor): Tensor[] =>
  inputReduce({ n: 9, threshold: 0.3, name: 'reduce' }).apply(input) as Tensor[];
const ending = (features: Tensor): Tensor => tf.layers.flatten({ name: 'flat' }).apply(features) as Tensor;
const model = (input: Tensor, output: Tensor): tf.LayersModel => tf.model({ inputs: input, outputs: output });

const satSym = { overflowMode: 'SAT_SYM', qType: 'kbi', b0: 5, i0: 1 } as const;

/** One small model for every layer, with its options away from their defaults. */
const cases: Record<string, () => tf.LayersModel> = {
  inputReduce() {
    const input = image(2);
    const args = { n: 9.5, threshold: 0.25, betaN: 1e-3, betaMaskedE: 0.5, tauThreshold: 0.1, tauN: 2, name: 'r' };
    const [x] = inputReduce(args).apply(input) as Tensor[];
    return model(input, ending(x));
  },
  'inputReduce, fixed'() {
    const input = image();
    const [x] = inputReduce({ n: 3, learnN: false, learnThreshold: false, name: 'r' }).apply(input) as Tensor[];
    return model(input, ending(x));
  },
  qConv2DSparse() {
    const input = image(2);
    const [x, mask] = sparse(input);
    const iqConf = { heterogeneousAxis: [-1], i0: 3, f0: 4, iDecaySpeed: Number.POSITIVE_INFINITY };
    const layer = qConv2DSparse({
      filters: 3,
      kernelSize: [3, 5],
      activation: 'relu',
      iqConf,
      kqConf: satSym,
      beta0: 1e-4,
      ebopsFactor: 0.5,
      parallelizationFactor: 4,
      biasInitializer: 'randomNormal',
      name: 'conv',
    });
    return model(input, ending(layer.apply([x, mask]) as Tensor));
  },
  'qConv2DSparse without bias, with output quantizer'() {
    const input = image();
    const [x, mask] = sparse(input);
    const options = { filters: 2, kernelSize: 3, useBias: false, enableOq: true, oqConf: satSym, name: 'conv' };
    return model(input, ending(qConv2DSparse(options).apply([x, mask]) as Tensor));
  },
  'sparse pools'() {
    const input = image();
    const pair = maxPooling2DSparse({ poolSize: [2, 1], name: 'max' }).apply(sparse(input)) as Tensor[];
    const [x] = averagePooling2DSparse({ poolSize: [1, 3], name: 'avg' }).apply(pair) as Tensor[];
    return model(input, sparseFlatten({ name: 'flat' }).apply(x) as Tensor);
  },
  removeDilatedPixels() {
    const input = image();
    const pair = sparse(input);
    return model(input, ending(removeDilatedPixels({ name: 'again' }).apply(pair) as Tensor));
  },
  qDense() {
    const input = tf.input({ shape: [8, 8, 1] });
    const flat = ending(input);
    const bqConf = { overflowMode: 'WRAP', roundMode: 'TRN' } as const;
    const layer = qDense({ units: 3, activation: 'relu', kqConf: satSym, bqConf, enableOq: true, name: 'dense' });
    return model(input, layer.apply(flat) as Tensor);
  },
  'qDense without EBOPs'() {
    const input = tf.input({ shape: [8, 8, 1] });
    const layer = qDense({ units: 2, enableEbops: false, enableIq: false, useBias: false, name: 'dense' });
    return model(input, layer.apply(ending(input)) as Tensor);
  },
  quantizer() {
    const input = tf.input({ shape: [8, 8, 1] });
    const config = { i0: 1, f0: 3, overflowMode: 'SAT', homogeneousAxis: [0, 2], scaler: 2, affine: [0.5, 1] } as const;
    return model(input, ending(quantizer({ config, name: 'q' }).apply(input) as Tensor));
  },
  'dummy quantizers'() {
    const input = tf.input({ shape: [8, 8, 1] });
    const dummy = { qType: 'dummy' } as const;
    const options = { units: 2, iqConf: dummy, kqConf: dummy, bqConf: dummy, name: 'dense' };
    return model(input, qDense(options).apply(ending(input)) as Tensor);
  },
};

for (const [name, { inputs, layer }] of Object.entries(layerZoo)) {
  cases[name] = () => {
    const symbolic = inputs.map((shape) => tf.input({ shape: [...shape] }));
    const output = layer().apply(symbolic.length === 1 ? symbolic[0] : symbolic) as Tensor;
    return tf.model({ inputs: symbolic, outputs: output });
  };
}

let folder: string;
beforeAll(async () => {
  await setBackend('wasm');
  folder = await mkdtemp(join(tmpdir(), 'round-trip-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Sparse images for layers of sparse data, anything for others. */
function samples(net: tf.LayersModel): tf.Tensor | tf.Tensor[] {
  const list = net.inputs.map((input, index) => {
    const shape = [6, ...(input.shape.slice(1) as number[])];
    if (input.name !== 'image') return tf.randomNormal(shape, 0, 1, 'float32', 3 + index);
    return tf.tidy(() => {
      const values = tf.randomUniform(shape, 0, 1, 'float32', 5);
      const active = tf.less(tf.randomUniform([...shape.slice(0, -1), 1], 0, 1, 'float32', 6), 0.2);
      return tf.mul(values, tf.cast(active, 'float32'));
    });
  });
  return list.length === 1 ? list[0] : list;
}

/** A few steps, so that weights, bit widths, ranges and marks are all away from where they start. */
function train(net: tf.LayersModel, x: tf.Tensor | tf.Tensor[]): void {
  const optimizer = tf.train.adam(0.05);
  const variables = net.trainableWeights.map((weight) => weight.read() as tf.Variable);
  if (variables.length === 0) return;
  for (let step = 0; step < 3; step++) {
    optimizer.minimize(
      () => {
        const output = net.apply(x, { training: true }) as tf.Tensor;
        const losses = net.calculateLosses();
        return tf.addN([tf.mean(tf.square(output)) as tf.Scalar, ...losses]) as tf.Scalar;
      },
      false,
      variables,
    );
  }
  optimizer.dispose();
}

const predicted = (net: tf.LayersModel, x: tf.Tensor | tf.Tensor[]): number[] =>
  tf.tidy(() => Array.from((net.apply(x, {}) as tf.Tensor).dataSync()));

describe('saving and loading keeps everything of', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const original = cases[name]();
    const x = samples(original);
    train(original, x);
    const target = join(folder, name.replaceAll(/\W+/g, '-'));
    for (const traced of [false, true]) {
      if (traced) traceMinMax(original, x);
      await saveModel(original, target);
      const copy = await loadModel(target);
      expect(modelState(copy)).toEqual(modelState(original));
      expect(plain(copy.getConfig())).toEqual(plain(original.getConfig()));
      const [layers, copies] = [collectQLayers(original), collectQLayers(copy)];
      expect(copies.map((layer) => layer.ebops)).toEqual(layers.map((layer) => layer.ebops));
      for (const [index, layer] of layers.entries()) {
        const marks = (quantized: typeof layer): unknown =>
          [...quantized.quantizers].map(([role, q]) => [role, q.config, q.traced]);
        expect(marks(copies[index])).toEqual(marks(layer));
        expect(copies[index].beta).toBe(layer.beta);
      }
      expect(predicted(copy, x)).toEqual(predicted(original, x));
    }
  });

  it('a range that was reset and has seen nothing', async () => {
    const original = cases['qDense']();
    for (const layer of collectQLayers(original)) for (const q of layer.quantizers.values()) q.resetRange();
    const target = join(folder, 'reset');
    await saveModel(original, target);
    expect(modelState(await loadModel(target))).toEqual(modelState(original));
    expect([...modelState(original).values()].some(({ values }) => values.includes(-1e9))).toBe(true);
  });
});

/** Serialised options: JSON has null where tfjs writes undefined. */
function plain(config: unknown): unknown {
  return JSON.parse(JSON.stringify(config, (_, value) => (value === undefined ? null : value)));
}
