import { inputReduce, qDense, setBackend, sparseFlatten } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { upperOrLower } from '../../test/small-sparse-model.ts';
import { fit } from './fit.ts';

const data = upperOrLower(64, 3);

function model(options: object): tf.LayersModel {
  const input = tf.input({ shape: [...data.shape] });
  const flat = sparseFlatten().apply(inputReduce({ n: 8 }).apply(input) as tf.SymbolicTensor[]);
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const logits = qDense({ name: 'head', units: data.classes, kernelInitializer, ...options }).apply(flat);
  return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor });
}

const kernelOf = (trained: tf.LayersModel): Float32Array =>
  (trained.getLayer('head').weights[1].read().dataSync() as Float32Array).slice();

beforeAll(() => setBackend('wasm'));

it.each([
  ['kernelRegularizer', { kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) }],
  ['kernelConstraint', { kernelConstraint: tf.constraints.nonNeg() }],
  ['biasRegularizer', { biasRegularizer: tf.regularizers.l1({ l1: 0.1 }) }],
  ['biasConstraint', { biasConstraint: tf.constraints.nonNeg() }],
])('a %s is trained by tfjs, and fit says so', async (option, options) => {
  const reason = `layer 'head' has a ${option}, which tfjs computes`;
  const { engine } = await fit(model(options), data, { epochs: 1 });
  expect(engine).toContain('tfjs');
  expect(engine).toContain(reason);
  await expect(fit(model(options), data, { epochs: 1, engine: 'fused' })).rejects.toThrow(reason);
});

it('regularizers shrink the kernel and enter the loss, constraints hold after every step', async () => {
  const plain = model({});
  const shrunk = model({ kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) });
  const positive = model({ kernelConstraint: tf.constraints.nonNeg() });
  const options = { epochs: 3, batchSize: 16, learningRate: 0.02 };
  await fit(plain, data, options);
  const { epochs } = await fit(shrunk, data, options);
  await fit(positive, data, options);
  const norm = (values: Float32Array): number => Math.hypot(...values);
  expect(norm(kernelOf(shrunk))).toBeLessThan(0.7 * norm(kernelOf(plain)));
  expect(epochs[0].loss - (epochs[0].lossTask as number)).toBeGreaterThan(0.01);
  expect(Math.min(...kernelOf(plain))).toBeLessThan(0);
  expect(Math.min(...kernelOf(positive))).toBe(0);
});
