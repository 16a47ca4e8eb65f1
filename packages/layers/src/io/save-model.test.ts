import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { loadModel, loadOptimizer, saveModel } from './save-model.ts';

let folder: string;
let serial = 0;
const fresh = (): string => join(folder, `model-${serial++}`, 'deep');

beforeAll(async () => {
  await setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'save-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

function smallModel(): tf.LayersModel {
  const model = tf.sequential();
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
  model.add(tf.layers.dense({ inputShape: [4], units: 3, activation: 'relu', kernelInitializer }));
  model.add(tf.layers.batchNormalization());
  model.add(tf.layers.dense({ units: 2, kernelInitializer }));
  return model;
}

const x = (): tf.Tensor => tf.tensor2d([0.1, -0.2, 0.3, 0.4, 1, 2, -3, 4], [2, 4]);

function train(model: tf.LayersModel, optimizer: tf.Optimizer, steps: number): void {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  tf.tidy(() => {
    for (let step = 0; step < steps; step++) {
      optimizer.minimize(
        () => tf.mean(tf.square(model.apply(x(), { training: true }) as tf.Tensor)) as tf.Scalar,
        false,
        variables,
      );
    }
  });
}

const values = (model: tf.LayersModel): number[][] =>
  model.weights.map((weight) => Array.from(weight.read().dataSync()));

it('brings a model back bit for bit', async () => {
  const model = smallModel();
  train(model, tf.train.sgd(0.1), 3);
  const target = fresh();
  await saveModel(model, target);
  expect((await readdir(target)).sort()).toEqual(['model.json', 'weights.bin']);
  const loaded = await loadModel(target);
  expect(values(loaded)).toEqual(values(model));
  expect(loaded.getConfig()).toEqual(model.getConfig());
});

it('replaces an older save', async () => {
  const target = fresh();
  const model = smallModel();
  await saveModel(model, target);
  train(model, tf.train.sgd(0.1), 1);
  await saveModel(model, `file://${target}`);
  expect(values(await loadModel(target))).toEqual(values(model));
  expect((await readdir(target)).sort()).toEqual(['model.json', 'weights.bin']);
});

it.each([
  ['Adam', () => tf.train.adam(0.01)],
  ['SGD', () => tf.train.sgd(0.1)],
  ['Momentum', () => tf.train.momentum(0.1, 0.9)],
  ['RMSProp', () => tf.train.rmsprop(0.01)],
  ['Adagrad', () => tf.train.adagrad(0.1)],
  ['Adadelta', () => tf.train.adadelta(0.5)],
] as const)('continues with %s exactly where it stopped', async (className, create) => {
  const [model, optimizer] = [smallModel(), create()];
  train(model, optimizer, 5);
  const target = fresh();
  const before = tf.memory().numTensors;
  await saveModel(model, target, { optimizer });
  expect(tf.memory().numTensors).toBe(before);
  const [again, restored] = [await loadModel(target), await loadOptimizer(target)];
  expect(restored.getClassName()).toBe(className);
  expect(restored.getConfig()).toEqual(optimizer.getConfig());
  // A used optimizer forgets its own state.
  const used = create();
  const other = smallModel();
  train(other, used, 2);
  const loaded = tf.memory().numTensors;
  await loadOptimizer(target, used);
  expect(tf.memory().numTensors).toBe(loaded);
  const third = await loadModel(target);
  train(model, optimizer, 4);
  train(again, restored, 4);
  train(third, used, 4);
  expect(values(again)).toEqual(values(model));
  expect(values(third)).toEqual(values(model));
});

it('says what is wrong with damaged files', async () => {
  const target = fresh();
  const broken = async (damage: () => Promise<void>): Promise<string> => {
    await saveModel(smallModel(), target);
    await damage();
    return loadModel(target).then(
      () => 'loaded',
      (error: Error) => error.message,
    );
  };
  const [json, weights] = [join(target, 'model.json'), join(target, 'weights.bin')];
  expect(await broken(() => rm(json))).toMatch(/Model file '.*model\.json' does not exist/);
  expect(await broken(() => rm(weights))).toMatch(/Weights file '.*weights\.bin' does not exist/);
  expect(await broken(() => truncate(weights, 20))).toMatch(/weights\.bin' are truncated: 20 bytes where .* needs \d+/);
  expect(await broken(() => truncate(json, 100))).toMatch(/model\.json' is not valid JSON: it is truncated/);
  expect(await broken(() => writeFile(json, '{}'))).toMatch(/no modelTopology/);
  const flipped = async (): Promise<void> => {
    const bytes = await readFile(weights);
    bytes[5] ^= 1;
    await writeFile(weights, bytes);
  };
  expect(await broken(flipped)).toMatch(/damaged or belong to another save/);
});

it('says what is wrong with an optimizer that is not there or another one', async () => {
  const target = fresh();
  const model = smallModel();
  await saveModel(model, target);
  await expect(loadOptimizer(target)).rejects.toThrow(/optimizer\.json' does not exist/);
  await saveModel(model, target, { optimizer: tf.train.sgd(0.1) });
  await expect(loadOptimizer(target, tf.train.adam(0.1))).rejects.toThrow(/saved optimizer is SGD, not Adam/);
});

it('refuses numbers that JSON would lose', async () => {
  const model = smallModel();
  model.setUserDefinedMetadata({});
  const topology = model.layers[0] as tf.layers.Layer & { getConfig(): tf.serialization.ConfigDict };
  topology.getConfig = () => ({ name: 'dense', decay: Number.POSITIVE_INFINITY });
  await expect(saveModel(model, fresh())).rejects.toThrow(/model\.json\..*decay = Infinity, which JSON cannot hold/);
});

it('refuses a place it cannot write to', async () => {
  await expect(saveModel(smallModel(), 'indexeddb://m')).rejects.toThrow(/No way to save 'indexeddb:\/\/m' here/);
});
