import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FileError, stageOf, withStage } from '@sp/quant/files';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setBackend } from '../backend/set-backend.ts';
import { quantizer } from '../layers/quantizer-layer.ts';
import { optimizerArtifacts } from './optimizer-state.ts';
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
  expect((await readdir(target)).sort()).toEqual(['model.json', expect.stringMatching(/^weights\.[0-9a-f]{16}\.bin$/)]);
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
  expect(await readdir(target)).toHaveLength(2);
});

it('takes file: URLs with blanks, URL objects, and the model.json itself', async () => {
  const folder = `${fresh()}/my model`;
  const model = smallModel();
  await saveModel(model, pathToFileURL(folder).href);
  expect(await readdir(folder)).toHaveLength(2);
  for (const place of [folder, pathToFileURL(folder), `${folder}/model.json`, pathToFileURL(`${folder}/model.json`)]) {
    expect(values(await loadModel(place))).toEqual(values(model));
  }
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
  const json = join(target, 'model.json');
  const weights = async () => join(target, (await readdir(target)).find((name) => name.startsWith('weights.'))!);
  const flip = (file: () => Promise<string>) => async () => {
    const bytes = await readFile(await file());
    bytes[25] ^= 1;
    await writeFile(await file(), bytes);
  };
  expect(await broken(() => rm(json))).toMatch(/'.*model\.json' does not exist/);
  expect(await broken(async () => rm(await weights()))).toMatch(/'.*weights\.\w+\.bin' does not exist/);
  expect(await broken(async () => truncate(await weights(), 20))).toMatch(/truncated: 20 bytes where .* needs \d+/);
  expect(await broken(() => truncate(json, 100))).toMatch(/model\.json' is not valid JSON/);
  expect(await broken(() => writeFile(json, '{}'))).toMatch(/no modelTopology/);
  expect(await broken(() => writeFile(json, '['.repeat(1e6)))).toMatch(/nested deeper than 256/);
  expect(await broken(flip(weights))).toMatch(/damaged or belongs to another save/);
  const edit = async (from: string, to: string) => writeFile(json, (await readFile(json, 'utf8')).replaceAll(from, to));
  expect(await broken(() => edit('"units":3', '"units":4'))).toMatch(/damaged: its checksum does not fit/);
  expect(await broken(() => edit('"sha256"', '"sha255"'))).toMatch(/damaged: its checksum does not fit/);
  expect(await broken(() => edit('/kernel', '/kernal'))).toMatch(/damaged: its checksum does not fit/);
});

it('reads what version 1 wrote, and replaces it', async () => {
  const model = smallModel();
  const optimizer = tf.train.adam(0.01);
  train(model, optimizer, 2);
  const target = fresh();
  await writeVersion1(target, 'model', model);
  await writeVersion1(target, 'optimizer', await optimizerArtifacts(optimizer));
  expect(values(await loadModel(target))).toEqual(values(model));
  expect((await loadOptimizer(target)).getClassName()).toBe('Adam');
  const other = smallModel();
  await saveModel(other, target, { optimizer: tf.train.sgd(0.1) });
  expect(await readdir(target)).toHaveLength(3);
  expect(values(await loadModel(target))).toEqual(values(other));
  expect((await loadOptimizer(target)).getClassName()).toBe('SGD');
});

/** The layout before checksums: fixed names, and a digest of the weights only. */
async function writeVersion1(
  target: string,
  name: string,
  given: tf.LayersModel | tf.io.ModelArtifacts,
): Promise<void> {
  const write = async ({ weightData, weightSpecs, ...rest }: tf.io.ModelArtifacts) => {
    const weights = new Uint8Array(weightData as ArrayBuffer);
    const file = name === 'model' ? 'weights.bin' : `${name}.weights.bin`;
    const weightsSha256 = createHash('sha256').update(weights).digest('hex');
    await mkdir(target, { recursive: true });
    await writeFile(join(target, file), weights);
    const content = { ...rest, weightsManifest: [{ paths: [file], weights: weightSpecs }], weightsSha256 };
    await writeFile(join(target, `${name}.json`), JSON.stringify(content));
    return {} as tf.io.SaveResult;
  };
  await (given instanceof tf.LayersModel ? given.save({ save: write }) : write(given));
}

it.each([
  ['an input that is no layer', '[["b"', '[["c"', /layer 'sum' .* has an input 'c', which is no layer/],
  ['a circle', '[["a"', '[["sum"', /waits for .* in a circle/],
  ['an output that is no layer', '"output_layers":[["sum"', '"output_layers":[["son"', /output_layers .* 'son'/],
  ['a call without inputs', '[[["a",0,0,{}]]]', '[[]]', /layer 2 'b' has inputs that name no layers/],
  ['a call that never comes', '[["b",0', '[["b",7', /waits for 'b'/],
])('says that layers form no graph: %s', async (_, from, to, message) => {
  const input = tf.input({ shape: [4], name: 'x' });
  const a = tf.layers.dense({ units: 2, name: 'a' }).apply(input) as tf.SymbolicTensor;
  const b = tf.layers.dense({ units: 2, name: 'b' }).apply(a) as tf.SymbolicTensor;
  const sum = tf.layers.reLU({ name: 'sum' }).apply(b) as tf.SymbolicTensor;
  const target = fresh();
  await writeVersion1(target, 'model', tf.model({ inputs: input, outputs: sum }));
  const json = join(target, 'model.json');
  const text = await readFile(json, 'utf8');
  expect(text).toContain(from);
  await writeFile(json, text.replace(from, to));
  const error = await loadModel(target).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(FileError);
  expect((error as Error).message).toMatch(message);
});

it('refuses to save what is being written, and leaves that as it is', async () => {
  const target = fresh();
  const model = smallModel();
  await saveModel(model, target);
  const other = smallModel();
  train(other, tf.train.sgd(0.1), 1);
  const json = join(target, 'model.json');
  // Another writer at work from before the save begins until it has its answer: the two meet whatever the load.
  await withStage(
    json,
    stageOf(json),
    async () => undefined,
    () => expect(saveModel(other, target)).rejects.toThrow(/model\.json' is being written by this process; wait until/),
  );
  expect(await readdir(target)).toHaveLength(2);
  expect(values(await loadModel(target))).toEqual(values(model));
  await saveModel(other, target);
  expect(values(await loadModel(target))).toEqual(values(other));
});

it('says what is wrong with an optimizer that is not there or another one', async () => {
  const target = fresh();
  const model = smallModel();
  await saveModel(model, target);
  await expect(loadOptimizer(target)).rejects.toThrow(/model\.json' holds no optimizer/);
  await saveModel(model, target, { optimizer: tf.train.sgd(0.1) });
  await expect(loadOptimizer(target, tf.train.adam(0.1))).rejects.toThrow(/saved optimizer is SGD, not Adam/);
});

it('refuses numbers that JSON would lose', async () => {
  const model = smallModel();
  model.setUserDefinedMetadata({});
  const topology = model.layers[0] as tf.layers.Layer & { getConfig(): tf.serialization.ConfigDict };
  topology.getConfig = () => ({ name: 'dense', decay: Number.POSITIVE_INFINITY });
  await expect(saveModel(model, fresh())).rejects.toThrow(/modelTopology\..*decay = Infinity, which JSON cannot hold/);
});

it('refuses a place it cannot write to', async () => {
  await expect(saveModel(smallModel(), 'indexeddb://m')).rejects.toThrow(/'indexeddb:\/\/m' cannot be saved to here/);
});

it('refuses a place that is none, and makes no folder of its name', async () => {
  const nowhere = undefined as unknown as string;
  await expect(saveModel(smallModel(), nowhere)).rejects.toThrow("'undefined' names no file or folder; give a path");
  await expect(loadModel(nowhere)).rejects.toThrow(FileError);
  await expect(loadOptimizer('')).rejects.toThrow("'' names no file or folder");
  expect(await readdir('.')).not.toContain('undefined');
});

it('loads models whose first layer is a quantizer', async () => {
  const first = quantizer({ name: 'q', inputShape: [4, 2], config: { i0: 3 } });
  const model = tf.sequential({ layers: [first, tf.layers.flatten()] });
  const place = fresh();
  await saveModel(model, place);
  const loaded = await loadModel(place);
  expect(loaded.inputs[0].shape).toEqual([null, 4, 2]);
  expect(loaded.layers[0].getConfig()).toEqual(first.getConfig());
});
