import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelState, setBackend } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { FitCallback } from '../fit/callback.ts';
import { fit } from '../fit/fit.ts';
import type { Logs } from '../fit/logs.ts';
import { betaPidController } from '../monitor/beta-scheduler.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { sparseTrainingMonitor } from '../monitor/sparse-training-monitor.ts';
import { cosineLr } from '../schedule/cosine-lr.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { decodeTrainingState, encodeTrainingState } from './checkpoint-file.ts';
import { type ResumeOptions, resumeFit } from './resume-fit.ts';
import { stopIf } from './stop-if.ts';

const data = upperOrLower(40, 1);
const epochs = 5;

let root: string;
beforeAll(async () => {
  await setBackend('cpu');
  root = await mkdtemp(join(tmpdir(), 'sp-resume-'));
});
afterAll(() => rm(root, { recursive: true }));

/** All of a training, made anew as in another process. */
async function train(directory: string, more: Partial<ResumeOptions> = {}, streamed = false) {
  const model = smallSparseModel();
  const callbacks = [
    sparseTrainingMonitor(),
    betaPidController({ targetEbops: 500, initBeta: 1e-6, warmup: 1 }),
    earlyStopping({ monitor: 'loss' }),
    ...(more.callbacks ?? []),
  ];
  const result = await resumeFit(model, streamed ? streamDataset(data) : data, {
    epochs,
    batchSize: 16,
    seed: 5,
    learningRate: cosineLr(0.02, { epochs, stepsPerEpoch: 3 }),
    checkpoints: { directory },
    ...more,
    callbacks,
  });
  return { model, result };
}

const numbers = (logs: readonly Readonly<Logs>[]): unknown => logs.map(({ seconds: _, ...rest }) => rest);

function same(a: { model: tf.LayersModel; result: { epochs: readonly Readonly<Logs>[] } }, b: typeof a): void {
  expect(numbers(a.result.epochs)).toEqual(numbers(b.result.epochs));
  expect(modelState(a.model)).toEqual(modelState(b.model));
}

describe('resumeFit', () => {
  it.each([
    [0, 1],
    [1, 0],
    [3, 2],
  ])('goes on after an abort in epoch %d, step %d as if there had been none', async (epoch, step) => {
    const whole = await train(join(root, `whole-${epoch}`));
    const abort = new AbortController();
    const stop: FitCallback = {
      name: 'stop',
      onStepEnd: (e, s) => (e === epoch && s === step ? abort.abort() : undefined),
    };
    const directory = join(root, `aborted-${epoch}`);
    const first = await train(directory, { signal: abort.signal, callbacks: [stop] });
    expect([first.result.stopped, first.result.epochs.length]).toEqual(['aborted', epoch]);
    const second = await train(directory);
    expect(second.result.stopped).toBe('finished');
    same(second, whole);
  });

  it('goes on after a crash, more than once, also on a stream', async () => {
    const whole = await train(join(root, 'whole-stream'), {}, true);
    const directory = join(root, 'crashed');
    for (const at of [2, 4]) {
      const crash: FitCallback = {
        name: 'crash',
        onStepEnd: (epoch) => {
          if (epoch === at) throw new Error('power cut');
        },
      };
      await expect(
        train(directory, { callbacks: [crash], checkpoints: { directory, every: 2 } }, true),
      ).rejects.toThrow('power');
    }
    same(await train(directory, {}, true), whole);
  });

  it('refuses to go on with another batch size or other data', async () => {
    const directory = join(root, 'other');
    await train(directory);
    await expect(train(directory, { batchSize: 8 })).rejects.toThrow('with 3 steps per epoch, not 5');
    // 40 images are 3 steps of 15, too.
    await expect(train(directory, { batchSize: 15 })).rejects.toThrow('with batchSize 16, not 15; give the same');
    await expect(train(directory, { seed: 6 })).rejects.toThrow('with seed 5, not 6');
  });

  it.each([1, 2])('gives a training back as it is that a callback has ended, saved every %d epochs', async (every) => {
    const directory = join(root, `ended-${every}`);
    const more = (): Partial<ResumeOptions> => ({
      callbacks: [earlyStopping({ monitor: () => 1, patience: 2, mode: 'min' })],
      checkpoints: { directory, every },
    });
    const first = await train(directory, more());
    expect([first.result.stopped, first.result.epochs.length]).toEqual(['no better epoch for 2 epochs', 3]);
    for (const change of [{}, { epochs: epochs + 2 }]) {
      const again = await train(directory, { ...more(), ...change });
      expect(again.result.stopped).toBe(first.result.stopped);
      same(again, first);
    }
  });

  it('does not go on after a callback has ended the training within an epoch', async () => {
    const directory = join(root, 'ended-step');
    const more = (): Partial<ResumeOptions> => ({ callbacks: [stopIf(() => true, { patienceSteps: 4 })] });
    const first = await train(directory, more());
    expect(first.result.epochs).toHaveLength(2);
    const again = await train(directory, more());
    expect(again.result.stopped).toBe('the condition of stopIf held for 5 steps');
    same(again, first);
  });

  it('goes on with checkpoints that say neither batch size nor whether the training has ended', async () => {
    const directory = join(root, 'former');
    const whole = await train(join(root, 'former-whole'));
    const abort = new AbortController();
    await train(directory, {
      signal: abort.signal,
      callbacks: [{ name: 'stop', onEpochEnd: (epoch) => (epoch === 1 ? abort.abort() : undefined) }],
    });
    const file = join(directory, 'epoch-0002', 'training.bin');
    const { ended: _ended, batchSize: _batchSize, ...former } = await decodeTrainingState(await readFile(file), file);
    await writeFile(file, await encodeTrainingState(former));
    same(await train(directory), whole);
  });

  it('gives a finished training back as it is', async () => {
    const directory = join(root, 'finished');
    const first = await train(directory);
    same(await train(directory), first);
  });
});

it('fit refuses an epoch to begin with that is none', async () => {
  await expect(fit(smallSparseModel(), data, { epochs: 1, initialEpoch: -1 })).rejects.toThrow('initialEpoch -1');
});
