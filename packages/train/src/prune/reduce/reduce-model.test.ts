import {
  averagePooling2DSparse,
  inputReduce,
  qAdd,
  qBatchNormalization,
  qConv2D,
  qConv2DSparse,
  qDense,
  qMaxPooling2D,
  qRelu,
  quantizer,
  sparseFlatten,
  traceMinMax,
} from '@sp/layers';
import { qkerasActivation, qkerasConv2D, qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { randomSource } from '../../data/random.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { getModelSparsity } from '../read-out/get-model-sparsity.ts';
import { reduceModel } from './reduce-model.ts';

/** Random variables, of which some neurons or filters are 0; biases random too, or 0 where they are. */
function randomise(model: tf.LayersModel, zeros: Readonly<Record<string, readonly number[]>>, zeroBias = true): void {
  const random = randomSource(3);
  for (const layer of model.layers) {
    const kernel = prunableKernel(layer)?.variable;
    const [norms, others] = [/variance|gamma/, /kernel|bias|mean|beta$/];
    for (const weight of layer.weights) {
      const name = weight.originalName.split('/').at(-1) ?? '';
      if (
        weight.originalName.includes('q/') ||
        !(norms.test(name) || others.test(name)) ||
        (name === 'beta' && layer.getClassName().startsWith('Q'))
      )
        continue;
      const variable = weight.read() as tf.Variable;
      const values = Float32Array.from({ length: variable.size }, () => 0.5 * random.normal());
      if (norms.test(name))
        values.forEach((v, j) => {
          values[j] = 0.5 + Math.abs(v);
        });
      const gone = zeros[layer.name] ?? [];
      if (kernel === variable || (zeroBias && name === 'bias')) {
        const channels = variable.shape[variable.rank - 1];
        values.forEach((_, j) => {
          if (gone.includes(j % channels)) values[j] = 0;
        });
      }
      variable.assign(tf.tensor(values, variable.shape));
    }
  }
}

function kernelShape(model: tf.LayersModel, name: string): readonly number[] | undefined {
  return prunableKernel(model.getLayer(name))?.variable.shape;
}

/** Largest difference on images of its own. */
function difference(a: tf.LayersModel, b: tf.LayersModel): number {
  return tf.tidy(() => {
    const x = tf.randomUniform([5, ...(a.inputs[0].shape.slice(1) as number[])], 0, 1, 'float32', 11);
    return tf
      .max(tf.abs(tf.sub(a.predict(x) as tf.Tensor, b.predict(x) as tf.Tensor)))
      .dataSync()[0] as unknown as tf.TensorContainer;
  }) as unknown as number;
}

describe('reduceModel', () => {
  it('removes filters and neurons through poolings, normalisations and flatten', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: 'c1', filters: 8, kernelSize: 3, padding: 'same', inputShape: [64, 64, 1] }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.batchNormalization({ name: 'b1' }),
        tf.layers.reLU(),
        tf.layers.conv2d({ name: 'c2', filters: 32, kernelSize: 5, padding: 'same' }),
        tf.layers.averagePooling2d({ poolSize: 2 }),
        tf.layers.batchNormalization(),
        tf.layers.reLU(),
        tf.layers.flatten(),
        tf.layers.dense({ name: 'd1', units: 32 }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ name: 'd2', units: 14 }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ name: 'd3', units: 5 }),
        tf.layers.softmax(),
      ],
    });
    randomise(model, { c1: [2, 4, 7], c2: [0, 1, 2, 3, 4, 5], d1: [0, 5, 17, 28], d2: [1, 4, 9], d3: [3] });
    // Without offsets behind c1 nothing constant but 0 comes to the convolution that pads.
    const [, beta, mean] = model.getLayer('b1').weights.map((weight) => weight.read() as tf.Variable);
    for (const variable of [beta, mean]) variable.assign(tf.zerosLike(variable));
    const { model: small, removed, notes, maxDifference } = await reduceModel(model);
    expect(small).toBeInstanceOf(tf.Sequential);
    expect(['c1', 'c2', 'd1', 'd2', 'd3'].map((name) => kernelShape(small, name))).toEqual([
      [3, 3, 1, 5],
      [5, 5, 5, 26],
      [6656, 28],
      [28, 11],
      [11, 5],
    ]);
    expect([...removed]).toEqual([
      ['c1', [2, 4, 7]],
      ['c2', [0, 1, 2, 3, 4, 5]],
      ['d1', [0, 5, 17, 28]],
      ['d2', [1, 4, 9]],
    ]);
    expect(notes).toEqual([]);
    expect(maxDifference).toBeLessThan(1e-5);
    const sparsity = [...getModelSparsity(small).perLayer.values()];
    expect(sparsity.slice(0, -1)).toEqual([0, 0, 0, 0]);
    expect(sparsity[4]).toBeGreaterThan(0);
  });

  it('puts what removed neurons always gave into the next bias', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: 'c1', filters: 4, kernelSize: 3, activation: 'sigmoid', inputShape: [7, 7, 2] }),
        tf.layers.conv2d({ name: 'c2', filters: 3, kernelSize: 2, activation: 'tanh' }),
        tf.layers.flatten(),
        tf.layers.dense({ name: 'd1', units: 6, activation: 'tanh' }),
        tf.layers.dense({ name: 'd2', units: 2 }),
      ],
    });
    randomise(model, { c1: [1, 2], c2: [0], d1: [3, 5] }, false);
    const { model: small, notes } = await reduceModel(model);
    expect(['c1', 'c2', 'd1'].map((name) => kernelShape(small, name)?.at(-1))).toEqual([2, 2, 4]);
    expect(notes).toEqual([]);
    expect(difference(model, small)).toBeLessThan(1e-6);
  });

  it('keeps, or removes with a note, what zero padding forbids to put into a bias', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          name: 'c1',
          filters: 3,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          inputShape: [6, 6, 1],
        }),
        tf.layers.conv2d({ name: 'c2', filters: 2, kernelSize: 3, padding: 'same' }),
      ],
    });
    randomise(model, { c1: [1] }, false);
    const [, bias] = model.getLayer('c1').weights.map((weight) => weight.read() as tf.Variable);
    bias.assign(tf.tensor1d([0.1, 0.7, -0.2]));
    const kept = await reduceModel(model);
    expect(kernelShape(kept.model, 'c1')).toEqual([3, 3, 1, 3]);
    expect(kept.notes).toEqual([expect.stringContaining("Layer 'c2': channel 1 of its input is always 0.69")]);
    expect(difference(model, kept.model)).toBe(0);
    const gone = await reduceModel(model, { inexact: 'remove' });
    expect(kernelShape(gone.model, 'c1')).toEqual([3, 3, 1, 2]);
    expect(gone.notes).toEqual([expect.stringContaining('outputs change')]);
    expect(gone.maxDifference).toBeGreaterThan(1e-3);
  });

  it('removes only what all inputs of a merge can lose', async () => {
    const input = tf.input({ shape: [4] });
    const dense = (name: string, units: number) => tf.layers.dense({ name, units, activation: 'relu' });
    const a = dense('a', 5).apply(input) as tf.SymbolicTensor;
    const b = dense('b', 5).apply(input) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([a, b]) as tf.SymbolicTensor;
    const c = dense('c', 3).apply(b) as tf.SymbolicTensor;
    const both = tf.layers.concatenate().apply([sum, c]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [dense('out', 2).apply(both) as tf.SymbolicTensor] });
    randomise(model, { a: [0, 1, 2], b: [1, 2, 4], c: [2] });
    const { model: small, removed } = await reduceModel(model);
    expect([...removed]).toEqual([
      ['a', [1, 2]],
      ['b', [1, 2]],
      ['c', [2]],
    ]);
    expect(kernelShape(small, 'out')).toEqual([5, 2]);
    expect(difference(model, small)).toBeLessThan(1e-6);
  });

  it('keeps outputs, one neuron of each layer, and what goes into layers it does not know', async () => {
    const input = tf.input({ shape: [4] });
    const a = tf.layers.dense({ name: 'a', units: 3 }).apply(input) as tf.SymbolicTensor;
    const soft = tf.layers.softmax().apply(tf.layers.dense({ name: 's', units: 3 }).apply(input)) as tf.SymbolicTensor;
    const outputs = [
      tf.layers.dense({ name: 'out', units: 2 }).apply(a),
      tf.layers.dense({ name: 'two', units: 2 }).apply(soft),
    ];
    const model = tf.model({ inputs: input, outputs: outputs as tf.SymbolicTensor[] });
    randomise(model, { a: [0, 1, 2], out: [1], s: [0] });
    const { model: small, removed, notes } = await reduceModel(model);
    expect([...removed]).toEqual([['a', [1, 2]]]);
    expect(notes).toEqual(["Layer 'a': all its outputs are constant; one stays"]);
    expect(kernelShape(small, 'out')).toEqual([1, 2]);
    expect(kernelShape(small, 's')).toEqual([4, 3]);
  });

  it('rewires quantised layers; their outputs stay the same to the last bit', async () => {
    const input = tf.input({ shape: [8, 8, 1] });
    let x = quantizer({ name: 'q' }).apply(input) as tf.SymbolicTensor;
    x = qConv2D({ name: 'c1', filters: 4, kernelSize: 3 }).apply(x) as tf.SymbolicTensor;
    x = qBatchNormalization({ name: 'bn', center: false }).apply(x) as tf.SymbolicTensor;
    x = qRelu({ name: 'r' }).apply(x) as tf.SymbolicTensor;
    x = qMaxPooling2D({ name: 'p', poolSize: 2 }).apply(x) as tf.SymbolicTensor;
    const left = qConv2D({ name: 'c2', filters: 3, kernelSize: 2, activation: 'relu' }).apply(x) as tf.SymbolicTensor;
    const right = qConv2D({ name: 'c3', filters: 3, kernelSize: 2, activation: 'relu' }).apply(x) as tf.SymbolicTensor;
    x = qAdd({ name: 'add' }).apply([left, right]) as tf.SymbolicTensor;
    x = tf.layers.flatten().apply(x) as tf.SymbolicTensor;
    x = qDense({ name: 'd1', units: 5, activation: 'relu' }).apply(x) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: qDense({ name: 'd2', units: 2 }).apply(x) as tf.SymbolicTensor });
    randomise(model, { c1: [0, 3], c2: [1], c3: [1, 2], d1: [4, 1] });
    // Without an offset, for a constant that is not 0 would stay.
    const mean = model.getLayer('bn').weights.find(({ originalName }) => originalName.endsWith('moving_mean'));
    const variable = mean?.read();
    if (variable instanceof tf.Variable) variable.assign(tf.zeros([4]));
    await traceMinMax(model, tf.randomUniform([16, 8, 8, 1], 0, 1, 'float32', 8));
    const { model: small, removed } = await reduceModel(model);
    expect([...removed]).toEqual([
      ['c1', [0, 3]],
      ['c2', [1]],
      ['c3', [1]],
      ['d1', [1, 4]],
    ]);
    expect(kernelShape(small, 'd1')).toEqual([8, 3]);
    expect(difference(model, small)).toBe(0);
  });

  it('rewires sparse layers, which give 0 for filters of zeros whatever their bias', async () => {
    const input = tf.input({ shape: [8, 8, 1] });
    const [features, mask] = inputReduce({ n: 12, threshold: 0.2, name: 'reduce' }).apply(input) as tf.SymbolicTensor[];
    const one = qConv2DSparse({ name: 'c1', filters: 4, kernelSize: 3, activation: 'relu' });
    const two = qConv2DSparse({ name: 'c2', filters: 3, kernelSize: 3, activation: 'relu' });
    const y = one.apply([features, mask]) as tf.SymbolicTensor;
    const [pooled, cells] = averagePooling2DSparse({ name: 'p', poolSize: 2 }).apply([y, mask]) as tf.SymbolicTensor[];
    const z = two.apply([pooled, cells]) as tf.SymbolicTensor;
    const flat = sparseFlatten({ name: 'f' }).apply([z, cells]) as tf.SymbolicTensor;
    const model = tf.model({
      inputs: input,
      outputs: qDense({ name: 'd', units: 2 }).apply(flat) as tf.SymbolicTensor,
    });
    randomise(model, { c1: [1, 2], c2: [0] }, false);
    await traceMinMax(model, tf.randomUniform([16, 8, 8, 1], 0, 1, 'float32', 8));
    const { model: small, removed } = await reduceModel(model);
    expect([...removed]).toEqual([
      ['c1', [1, 2]],
      ['c2', [0]],
    ]);
    expect(kernelShape(small, 'd')).toEqual([32, 2]);
    expect(difference(model, small)).toBe(0);
  });

  it('rewires layers of QKeras, with their quantizers', async () => {
    const input = tf.input({ shape: [8, 8, 1] });
    const bits = 'quantized_bits(8,0,1,alpha=1)';
    let x = qkerasConv2D({ name: 'c', filters: 4, kernelSize: 3, kernelQuantizer: bits, biasQuantizer: bits }).apply(
      input,
    ) as tf.SymbolicTensor;
    x = qkerasActivation({ name: 'a', activation: 'quantized_relu(6,2)' }).apply(x) as tf.SymbolicTensor;
    x = tf.layers.flatten().apply(x) as tf.SymbolicTensor;
    const output = qkerasDense({ name: 'd', units: 2, kernelQuantizer: bits, biasQuantizer: bits }).apply(
      x,
    ) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    randomise(model, { c: [0, 2] });
    const { model: small } = await reduceModel(model);
    expect(kernelShape(small, 'c')).toEqual([3, 3, 1, 2]);
    expect(kernelShape(small, 'd')).toEqual([72, 2]);
    expect(JSON.stringify(small.toJSON(null, false))).toContain('quantized_bits(8');
    expect(difference(model, small)).toBe(0);
  });
});
