import { inputReduce, qConv2DSparse, qDense, registerLayers, sparseFlatten } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { randomSource } from '../../data/random.ts';
import { adam } from '../../fit/adam.ts';
import { fit } from '../../fit/fit.ts';
import { sgd } from '../../fit/sgd.ts';
import { OptionError } from '../../option-error.ts';
import { attributesFromModel } from '../attributes/attributes-from-model.ts';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { applyMasks } from '../masks/apply-masks.ts';
import { getLastLayerWithWeights, getModelSparsity } from '../read-out/get-model-sparsity.ts';
import { penaltySettings } from '../regularize/group-penalty.ts';
import { denseRegularizer } from '../regularize/group-regularizers.ts';
import { getModelGradients } from './get-model-gradients.ts';
import { MaskedBackprop } from './masked-backprop.ts';
import { pruningOptimizer } from './pruning-optimizer.ts';

registerLayers();

const meanSquared = (y: tf.Tensor, out: tf.Tensor): tf.Tensor => tf.losses.meanSquaredError(y, out);

function kernelOf(model: tf.LayersModel, name: string): Float32Array {
  const kernel = prunableKernel(model.getLayer(name));
  if (kernel === null) throw new Error(`no kernel: ${name}`);
  return kernel.variable.dataSync<'float32'>().slice();
}

function twoLayers(regularised = false): tf.LayersModel {
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed });
  const input = tf.input({ shape: [4] });
  const hidden = tf.layers.dense({
    name: 'a',
    units: 5,
    activation: 'tanh',
    kernelInitializer: glorot(1),
    ...(regularised && { kernelRegularizer: denseRegularizer({ alpha: 0.05, structure: 'structured' }) }),
  });
  const output = tf.layers.dense({ name: 'b', units: 3, kernelInitializer: glorot(2) });
  return tf.model({ inputs: input, outputs: output.apply(hidden.apply(input)) as tf.SymbolicTensor });
}

function optimizableLayers(model: tf.LayersModel, names: readonly string[]): ModelAttributes {
  return new Map(
    [...attributesFromModel(model)].map(([name, layer]) => [name, { ...layer, optimizable: names.includes(name) }]),
  );
}

const x = tf.randomNormal([16, 4], 0, 1, 'float32', 5);
const y = tf.randomNormal([16, 3], 0, 1, 'float32', 6);

describe('MaskedBackprop', () => {
  it('leaves masked weights where they are, and trains the others and all biases', () => {
    const model = twoLayers(true);
    const before = { a: kernelOf(model, 'a'), b: kernelOf(model, 'b') };
    const step = new MaskedBackprop(model, meanSquared, optimizableLayers(model, ['a']), {
      optimizer: adam(),
      learningRate: 0.05,
    });
    // Momentum of all weights.
    const first = step.call(x, y);
    const start = kernelOf(model, 'a');
    const mask = Float32Array.from(start, (_, j) => (j % 3 === 0 ? 0 : 1));
    step.updateMasks({
      masks: new Map([
        ['a', mask],
        ['b', new Float32Array(15)],
      ]),
    });
    let last = 0;
    for (let n = 0; n < 20; n++) last = step.call(x, y, 0.3);
    const after = kernelOf(model, 'a');
    for (const j of after.keys()) expect(after[j] === start[j], `weight ${j}`).toBe(mask[j] === 0);
    // Not optimizable: its mask does not count.
    expect(kernelOf(model, 'b').every((w, j) => w !== before.b[j])).toBe(true);
    expect(last).toBeLessThan(first);
    expect(before.a).not.toEqual(start);
  });

  it('takes new masks at the same sparsity, and models without other losses', () => {
    const model = twoLayers();
    const step = new MaskedBackprop(model, meanSquared, optimizableLayers(model, ['b']), { learningRate: 0.1 });
    const only = (j: number): Float32Array => Float32Array.from({ length: 15 }, (_, k) => (k === j ? 1 : 0));
    const offsets = new Map([['b', new Float32Array(15).fill(0.25)]]);
    for (const j of [3, 8]) {
      step.updateMasks({ masks: new Map([['b', only(j)]]), offsets });
      step.call(x, y, 0.5);
      const kernel = kernelOf(model, 'b');
      for (const k of kernel.keys()) expect(kernel[k] === 0.25, `${j} ${k}`).toBe(k !== j);
    }
  });

  it('refuses masks of unknown layers and of another size', () => {
    const model = twoLayers();
    const step = new MaskedBackprop(model, meanSquared, optimizableLayers(model, ['a']));
    expect(() => step.updateMasks({ masks: new Map([['a', new Float32Array(3)]]) })).toThrow(
      '3 numbers for 20 weights',
    );
    expect(() => pruningOptimizer(sgd(), model, { masks: { masks: new Map([['z', new Float32Array(3)]]) } })).toThrow(
      "no layer 'z'",
    );
    model.getLayer('a').trainable = false;
    expect(() => step.updateMasks({ masks: new Map([['a', new Float32Array(20)]]) })).toThrow('frozen');
  });
});

describe('pruningOptimizer', () => {
  function sparse(): tf.LayersModel {
    const input = tf.input({ shape: [8, 8, 1] });
    const [features, mask] = inputReduce({ n: 8, threshold: 0.1, name: 'reduce' }).apply(input) as tf.SymbolicTensor[];
    const conv = qConv2DSparse({
      name: 'c',
      filters: 3,
      kernelSize: 3,
      activation: 'relu',
      iqConf: { heterogeneousAxis: [-1] },
    });
    const flat = sparseFlatten({ name: 'f' }).apply([
      conv.apply([features, mask]) as tf.SymbolicTensor,
      mask,
    ]) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: qDense({ name: 'd', units: 2 }).apply(flat) as tf.SymbolicTensor });
  }
  const random = randomSource(9);
  const images = Float32Array.from({ length: 64 * 64 }, () => (random.unit() < 0.1 ? random.unit() : 0));
  const data = {
    images,
    labels: Int32Array.from({ length: 64 }, (_, j) => (images[64 * j + 9] + images[64 * j + 30] > 0 ? 1 : 0)),
    shape: [8, 8, 1] as const,
    classes: 2,
  };

  it.each(['fused', 'tfjs'] as const)(
    'keeps masks and offsets exact through the steps of the %s engine',
    async (engine) => {
      const model = sparse();
      const masks = new Map(
        ['c', 'd'].map(
          (name) => [name, Float32Array.from(kernelOf(model, name), (_, j) => (j % 3 === 1 ? 0 : 1))] as const,
        ),
      );
      const offsets = new Map([['c', Float32Array.from(kernelOf(model, 'c'), (_, j) => (j % 6 === 1 ? 0.3 : 0))]]);
      offsets.set('d', new Float32Array(kernelOf(model, 'd').length));
      applyMasks(model, { masks, offsets });
      const before = { c: kernelOf(model, 'c'), d: kernelOf(model, 'd') };
      const optimizer = pruningOptimizer(adam(), model, { masks: { masks, offsets } });
      const result = await fit(model, data, {
        epochs: 3,
        batchSize: 16,
        learningRate: 0.02,
        optimizer,
        engine,
        threads: 1,
        say: () => {},
      });
      expect(result.engine).toBe(engine);
      for (const name of ['c', 'd'] as const) {
        const after = kernelOf(model, name);
        const mask = masks.get(name) as Float32Array;
        const offset = offsets.get(name) as Float32Array;
        for (const j of after.keys()) {
          if (mask[j] === 0) expect(after[j], `${name} ${j}`).toBe(Math.fround(offset[j]));
        }
        expect(
          after.some((w, j) => w !== before[name][j]),
          name,
        ).toBe(true);
      }
    },
  );

  it('adds penalties on the fused engine as regularisers do on tensors', async () => {
    const trained = async (penalised: boolean): Promise<number> => {
      const model = sparse();
      const settings = penaltySettings('dense', { alpha: 0.02, structure: 'structured' }, 'test');
      const penalties = penalised ? new Map([['d', settings]]) : null;
      const optimizer = pruningOptimizer(sgd(), model, { penalties });
      const { engine } = await fit(model, data, {
        epochs: 4,
        learningRate: 0.1,
        optimizer,
        engine: 'fused',
        threads: 1,
        say: () => {},
      });
      expect(engine).toBe('fused');
      return Math.hypot(...kernelOf(model, 'd'));
    };
    expect(await trained(true)).toBeLessThan(0.99 * (await trained(false)));
  });

  it('is the step of a regulariser that the layer has itself', () => {
    const [own, added] = [twoLayers(true), twoLayers()];
    const settings = penaltySettings('dense', { alpha: 0.05, structure: 'structured' }, 'test');
    const steps = (model: tf.LayersModel, penalties: ReadonlyMap<string, typeof settings> | null): Float32Array => {
      const optimizer = pruningOptimizer(sgd(), model, { penalties });
      const step = new MaskedBackprop(model, meanSquared, attributesFromModel(model), { optimizer, learningRate: 0.1 });
      for (let n = 0; n < 3; n++) step.call(x, y);
      return kernelOf(model, 'a');
    };
    const [first, second] = [steps(own, null), steps(added, new Map([['a', settings]]))];
    for (const j of first.keys()) expect(second[j]).toBeCloseTo(first[j], 6);
  });
});

describe('getModelGradients', () => {
  it('is the slope of the mean loss over all data, in batches too', () => {
    const model = twoLayers();
    const gradients = getModelGradients(model, meanSquared, x, y);
    expect([...gradients.keys()]).toEqual(['a', 'b']);
    const kernel = prunableKernel(model.getLayer('a'))?.variable as tf.Variable;
    const values = kernel.dataSync<'float32'>().slice();
    const lossAt = (j: number, step: number): number => {
      const moved = values.slice();
      moved[j] += step;
      kernel.assign(tf.tensor(moved, kernel.shape));
      return tf.tidy(() => meanSquared(y, model.predict(x) as tf.Tensor).dataSync()[0]);
    };
    for (const j of [0, 7, 19]) {
      expect(gradients.get('a')?.[j]).toBeCloseTo((lossAt(j, 1e-2) - lossAt(j, -1e-2)) / 2e-2, 3);
    }
    kernel.assign(tf.tensor(values, kernel.shape));
    const inBatches = getModelGradients(model, meanSquared, x, y, { batchSize: 5 });
    inBatches.get('b')?.forEach((g, j) => {
      expect(g).toBeCloseTo(gradients.get('b')?.[j] ?? Number.NaN, 5);
    });
    expect(() => getModelGradients(model, meanSquared, x, tf.zeros([3, 3]))).toThrow(OptionError);
  });
});

describe('getModelSparsity and getLastLayerWithWeights', () => {
  it('count the exact zeros of kernels, and find the last one', () => {
    const model = twoLayers();
    applyMasks(model, {
      masks: new Map([['a', Float32Array.from({ length: 20 }, (_, j) => (j < 5 ? 0 : 1))]]),
      offsets: new Map(),
    });
    expect(getModelSparsity(model)).toEqual({
      total: 5 / 35,
      perLayer: new Map([
        ['a', 0.25],
        ['b', 0],
      ]),
    });
    expect(getLastLayerWithWeights(model)).toBe(2);
    const plain = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 2] }), tf.layers.reLU()] });
    expect(getModelSparsity(plain)).toEqual({ total: 0, perLayer: new Map() });
    expect(getLastLayerWithWeights(plain)).toBe(2);
  });
});
