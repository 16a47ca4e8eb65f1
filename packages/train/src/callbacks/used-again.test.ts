/** Callbacks that remember, used in two trainings: the second must be as with new ones. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectQLayers, modelState, setBackend } from '@sp/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { adam } from '../fit/adam.ts';
import type { FitCallback } from '../fit/callback.ts';
import { type FitOptions, fit } from '../fit/fit.ts';
import { betaPidController } from '../monitor/beta-scheduler.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { settlingReduction } from '../study/settling-reduction.ts';
import { printWarnings } from '../warnings/print-warnings.ts';
import { checkpoint, restoreCheckpoint } from './checkpoint.ts';
import { stopIf } from './stop-if.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

const data = upperOrLower(32, 1);
const quiet = { batchSize: 16, say: () => {} } as const;

async function train(callback: FitCallback, options: Partial<FitOptions> = {}) {
  const model = smallSparseModel();
  const { epochs, stopped } = await fit(model, data, { epochs: 3, ...quiet, ...options, callbacks: [callback] });
  return { epochs: epochs.map(({ seconds: _, ...logs }) => logs), stopped, state: modelState(model) };
}

describe('a callback that is used again', () => {
  it.each<[string, () => FitCallback]>([
    ['stopIf', () => stopIf(() => true, { patienceEpochs: 1 })],
    ['stopIf by steps', () => stopIf(() => true, { patienceSteps: 3 })],
    ['betaPidController', () => betaPidController({ targetEbops: 50, initBeta: 1e-6, warmup: 1, i: 0.5 })],
    ['earlyStopping', () => earlyStopping({ monitor: 'loss' })],
    ['settlingReduction', () => settlingReduction(data, { layer: 'reduce', warmUp: 0 }).callback],
  ])('%s, gives what a new one does', async (_name, make) => {
    const again = make();
    const first = await train(again, { learningRate: 0.1 });
    const [used, fresh] = [await train(again), await train(make())];
    expect(used).toEqual(fresh);
    expect(first).not.toEqual(fresh);
  });

  it('stopIf goes on counting when the training goes on', async () => {
    const callback = stopIf(() => true, { patienceEpochs: 3 });
    expect((await train(callback, { epochs: 2 })).stopped).toBe('finished');
    const { epochs, stopped } = await train(callback, { epochs: 9, initialEpoch: 2 });
    expect(stopped).toBe('the condition of stopIf held for 4 epochs');
    expect(epochs).toHaveLength(2);
  });

  it('betaPidController sets its first β in the second model too', async () => {
    const callback = betaPidController({ targetEbops: 1, initBeta: 1e-7, warmup: 5 });
    await train(callback);
    const model = smallSparseModel();
    for (const layer of collectQLayers(model)) layer.beta = 0.5;
    const { epochs } = await fit(model, data, { epochs: 1, ...quiet, callbacks: [callback] });
    expect(epochs[0].beta).toBeCloseTo(1e-7, 12);
  });

  it('printWarnings warns again', async () => {
    const lines: string[] = [];
    const callback = printWarnings({ write: (text) => void lines.push(text) });
    await train(callback);
    const first = lines.splice(0);
    expect(first.join('')).toContain('warning (after training)');
    await train(callback);
    expect(lines).toEqual(first);
    expect(callback.warnings()).toHaveLength(first.length);
  });

  it('earlyStopping gives a model of another training nothing, even if that ends before its first epoch', async () => {
    const callback = earlyStopping({ monitor: 'loss' });
    await train(callback, { learningRate: 0.1 });
    const [abort, model] = [new AbortController(), smallSparseModel()];
    abort.abort();
    const before = modelState(model);
    await fit(model, data, { epochs: 2, ...quiet, signal: abort.signal, callbacks: [callback] });
    expect(modelState(model)).toEqual(before);
  });

  it('checkpoint counts its epochs anew, and those of a training that was restored', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'again-'));
    const optimizer = adam();
    const saved = checkpoint({ directory: join(directory, 'a'), optimizer, keep: 9 });
    await train(saved, { epochs: 2, optimizer });
    await rm(join(directory, 'a'), { recursive: true });
    await train(saved, { epochs: 2, optimizer });
    expect((await readdir(join(directory, 'a'))).sort()).toEqual(['epoch-0000', 'epoch-0001', 'epoch-0002']);

    const model = smallSparseModel();
    const state = await restoreCheckpoint(model, { directory: join(directory, 'a'), optimizer });
    expect(state?.epochs).toBe(2);
    const other = checkpoint({ directory: join(directory, 'a'), optimizer, keep: 9 });
    await fit(model, data, { epochs: 3, ...quiet, initialEpoch: 2, optimizer, callbacks: [other] });
    expect((await readdir(join(directory, 'a'))).sort().at(-1)).toBe('epoch-0003');
    const last = await restoreCheckpoint(smallSparseModel(), { directory: join(directory, 'a'), optimizer });
    expect(last?.epochs).toBe(3);
    await rm(directory, { recursive: true });
  });
});
