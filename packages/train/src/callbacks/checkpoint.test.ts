import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { loadModel, modelState, setBackend } from '@sp/layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { adam } from '../fit/adam.ts';
import { fit } from '../fit/fit.ts';
import { betaPidController } from '../monitor/beta-scheduler.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { sparseTrainingMonitor } from '../monitor/sparse-training-monitor.ts';
import { checkpoint, restoreCheckpoint } from './checkpoint.ts';

const data = upperOrLower(48, 1);

let root: string;
beforeAll(async () => {
  await setBackend('cpu');
  root = await mkdtemp(join(tmpdir(), 'sp-checkpoint-'));
});
afterAll(() => rm(root, { recursive: true }));

/** Everything of a training, made anew as a new process would. */
function training(directory: string, seed = 3) {
  const optimizer = adam({ clipNorm: 1 });
  const callbacks = [
    sparseTrainingMonitor(),
    betaPidController({ targetEbops: 500, initBeta: 1e-6, warmup: 1 }),
    earlyStopping({ monitor: 'loss', restoreBestWeights: true }),
  ];
  const saved = checkpoint({ directory, optimizer, callbacks, seed });
  return { model: smallSparseModel(), optimizer, callbacks, saved, parts: { directory, optimizer, callbacks, seed } };
}

const settings = { batchSize: 16, learningRate: 0.01, seed: 3 } as const;

describe('checkpoint', () => {
  it('brings back weights, quantizer, optimizer and callback state so that training goes on alike', async () => {
    const directory = join(root, 'whole');
    const first = training(directory);
    let model = modelState(first.model);
    const { epochs } = await fit(first.model, data, {
      ...settings,
      epochs: 3,
      optimizer: first.optimizer,
      callbacks: [
        ...first.callbacks,
        first.saved,
        {
          name: 'spy',
          onEpochEnd: () => {
            model = modelState(first.model);
          },
        },
      ],
    });
    expect(await readdir(directory)).toEqual(['epoch-0002', 'epoch-0003']);
    const second = training(directory);
    const state = await restoreCheckpoint(second.model, {
      ...second.parts,
      callbacks: [...second.callbacks, second.saved],
    });
    expect(state).toMatchObject({ epochs: 3, seed: 3, history: epochs });
    expect(modelState(second.model)).toEqual(model);
    expect(second.optimizer.state()).toEqual(first.optimizer.state());
    expect(second.callbacks.map((callback) => callback.state?.())).toEqual(
      first.callbacks.map((callback) => callback.state?.()),
    );
    expect(second.saved.state?.()).toEqual(epochs);
    expect(modelState(await loadModel(join(directory, 'epoch-0003')))).toEqual(model);
    // `first` holds its best epoch's weights by now; let both go on from the checkpoint.
    await restoreCheckpoint(first.model, first.parts);
    const goOn = async ({ model: net, optimizer, callbacks }: typeof first): Promise<unknown> => {
      const result = await fit(net, data, { ...settings, epochs: 2, optimizer, callbacks });
      return result.epochs.map(({ seconds: _, ...logs }) => logs);
    };
    expect(await goOn(second)).toEqual(await goOn(first));
  });

  it('saves the start, so that a training killed in its first epoch goes on as well', async () => {
    const directory = join(root, 'start');
    const first = training(directory);
    const before = modelState(first.model);
    const abort = new AbortController();
    const { stopped } = await fit(first.model, data, {
      ...settings,
      epochs: 2,
      optimizer: first.optimizer,
      signal: abort.signal,
      callbacks: [first.saved, { name: 'abort', onStepEnd: () => abort.abort() }],
    });
    expect(stopped).toBe('aborted');
    const second = training(directory);
    expect(await restoreCheckpoint(second.model, second.parts)).toMatchObject({ epochs: 0, history: [] });
    expect(modelState(second.model)).toEqual(before);
    expect(modelState(first.model)).not.toEqual(before);
  });

  it('finds nothing where nothing is, and ignores what was not finished', async () => {
    const { model, parts } = training(join(root, 'absent'));
    expect(await restoreCheckpoint(model, parts)).toBeUndefined();
    const directory = join(root, 'unfinished');
    await cp(join(root, 'start', 'epoch-0000'), join(directory, 'epoch-0001.tmp'), { recursive: true });
    expect(await restoreCheckpoint(model, { ...parts, directory })).toBeUndefined();
  });

  it('refuses another seed, other callbacks and damaged files', async () => {
    const { model, parts } = training(join(root, 'start'));
    await expect(restoreCheckpoint(model, { ...parts, seed: 4 })).rejects.toThrow('with seed 3, not 4');
    await expect(restoreCheckpoint(model, { ...parts, callbacks: [] })).rejects.toThrow(
      "a callback 'betaPidController'",
    );
    const directory = join(root, 'damaged');
    await cp(join(root, 'start'), directory, { recursive: true });
    const file = join(directory, 'epoch-0000', 'training.bin');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, 200));
    await expect(restoreCheckpoint(model, { ...parts, directory })).rejects.toThrow(`${file}: damaged`);
    await writeFile(file, bytes.subarray(0, 20));
    await expect(restoreCheckpoint(model, { ...parts, directory })).rejects.toThrow(
      `${file}: no checkpoint, or cut short`,
    );
    bytes[bytes.length - 200] ^= 1;
    await writeFile(file, bytes);
    await expect(restoreCheckpoint(model, { ...parts, directory })).rejects.toThrow('damaged');
    await rm(file);
    await expect(restoreCheckpoint(model, { ...parts, directory })).rejects.toThrow('cannot be read');
  });

  it('reads version 1', async () => {
    const { model, parts } = training(join(root, 'start'));
    const state = await restoreCheckpoint(model, parts);
    const directory = join(root, 'version-1');
    await cp(join(root, 'start'), directory, { recursive: true });
    const content = new Uint8Array(serialize(state));
    const digest = createHash('sha256').update(content).digest('hex');
    const file = join(directory, 'epoch-0000', 'training.bin');
    await writeFile(file, serialize({ format: '@sp/train checkpoint 1', digest, content }));
    expect(await restoreCheckpoint(model, { ...parts, directory })).toEqual(state);
    await writeFile(file, serialize({ format: '@sp/train checkpoint 1', digest: digest.replace(/./, 'x'), content }));
    await expect(restoreCheckpoint(model, { ...parts, directory })).rejects.toThrow('damaged');
  });

  it('refuses senseless options', () => {
    expect(() => checkpoint({ directory: root, optimizer: adam(), every: 0 })).toThrow('every 0');
  });
});
