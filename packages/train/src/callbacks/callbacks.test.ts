import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, modelState, setBackend, totalEbops } from '@sp/layers';
import { namedVariables, setVariable } from '@sp/layers/internal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { fit } from '../fit/fit.ts';
import type { Logs } from '../fit/logs.ts';
import { earlyStoppingWithEbopsThreshold } from './early-stopping-with-ebops-threshold.ts';
import { freeEbops } from './free-ebops.ts';
import { type ParetoFrontOptions, paretoFront } from './pareto-front.ts';
import { stopIf } from './stop-if.ts';
import { terminateOnNaN } from './terminate-on-nan.ts';

let directory: string;
beforeAll(async () => {
  await setBackend('cpu');
  directory = await mkdtemp(join(tmpdir(), 'sp-callbacks-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs a callback over epochs with given logs; returns the reasons for which it stopped. */
async function run(callback: FitCallback, epochs: readonly Logs[], model?: FitContext['model']): Promise<string[]> {
  const reasons: string[] = [];
  const context = { model, stop: (reason: string) => void reasons.push(reason) } as unknown as FitContext;
  for (const [epoch, logs] of epochs.entries()) await callback.onEpochEnd?.(epoch, logs, context);
  return reasons;
}

describe('paretoFront', () => {
  const options: ParetoFrontOptions = {
    directory: 'absent',
    metrics: ['accuracy', 'ebops'],
    sides: [1, -1],
  };

  it('keeps what nothing dominates, with its file, and nothing else', async () => {
    const target = join(directory, 'front');
    const front = paretoFront({ ...options, directory: target });
    const model = smallSparseModel();
    const points = [
      [0.5, 100],
      [0.4, 90],
      [0.5, 110], // dominated by the first
      [0.7, 95], // dominates the first
      [0.7, 95], // no news
      [0.7, 90], // dominates two by a tie each
      [0.2, 10],
    ];
    await run(
      front,
      points.map(([accuracy, ebops]) => ({ accuracy, ebops })),
      model,
    );
    expect(front.records().map(({ epoch, values }) => [epoch, values])).toEqual([
      [6, [0.7, 90]],
      [7, [0.2, 10]],
    ]);
    const files = ['epoch=6_accuracy=0.7_ebops=90', 'epoch=7_accuracy=0.2_ebops=10'];
    expect((await readdir(target)).sort()).toEqual([...files, 'front.json']);
    expect(JSON.parse(await readFile(join(target, 'front.json'), 'utf8')).records).toEqual(front.records());
    expect(modelState(await loadModel(join(target, files[0])))).toEqual(modelState(model));
  });

  it('reads sides off names', async () => {
    const target = join(directory, 'named');
    const front = paretoFront({ directory: target, metrics: ['valAccuracy', 'ebops'], save: async () => {} });
    const { mkdir } = await import('node:fs/promises');
    await mkdir(target);
    const points = [
      { valAccuracy: 0.5, ebops: 10 },
      { valAccuracy: 0.6, ebops: 9 },
      { valAccuracy: 0.7, ebops: 20 },
    ];
    await run(front, points);
    expect(front.records().map(({ epoch }) => epoch)).toEqual([2, 3]);
    expect(JSON.parse(await readFile(join(target, 'front.json'), 'utf8')).sides).toEqual([1, -1]);
  });

  it('removes what an earlier training left, or one that was killed while it saved, whatever the names', async () => {
    const target = join(directory, 'again');
    const { mkdir } = await import('node:fs/promises');
    let names = 0;
    let isKilled = false;
    const own: Partial<Parameters<typeof paretoFront>[0]> = {
      fileName: () => `model ${names++}`,
      save: async (_model, place) => {
        await mkdir(place, { recursive: true });
        if (isKilled) throw new Error('killed');
      },
    };
    const front = () => paretoFront({ ...options, ...own, directory: target });
    const listed = async () => JSON.parse(await readFile(join(target, 'front.json'), 'utf8'));
    await mkdir(join(target, 'notes'), { recursive: true });
    const both = [
      { accuracy: 1, ebops: 1 },
      { accuracy: 2, ebops: 2 },
    ];
    await run(front(), both);
    expect((await readdir(target)).sort()).toEqual(['front.json', 'model 0', 'model 1', 'notes']);
    isKilled = true;
    const before = await listed();
    await expect(run(front(), both)).rejects.toThrow('killed');
    // The front of the training before is still there, and the half one named beside it.
    expect((await readdir(target)).sort()).toEqual(['front.json', 'model 0', 'model 1', 'model 2', 'notes']);
    expect(await listed()).toEqual({ ...before, leaving: ['model 2'] });
    isKilled = false;
    const last = front();
    await run(last, both);
    expect((await readdir(target)).sort()).toEqual(['front.json', 'model 3', 'model 4', 'notes']);
    expect((await listed()).records).toEqual(last.records());
  });

  it('removes nothing outside of its folder, whatever the list says', async () => {
    const target = join(directory, 'hostile');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(directory, 'precious'), { recursive: true });
    await mkdir(join(target, 'old'), { recursive: true });
    const leaving = ['../precious', join(directory, 'precious'), '.', '', 'x/../../precious', 5, 'old'];
    await writeFile(join(target, 'front.json'), JSON.stringify({ records: [{}, { file: '..' }], leaving }));
    const save = async (_model: unknown, place: string) => void (await mkdir(place, { recursive: true }));
    await run(paretoFront({ ...options, directory: target, save, fileName: () => 'new' }), [{ accuracy: 1, ebops: 1 }]);
    expect((await readdir(target)).sort()).toEqual(['front.json', 'new']);
    expect(await readdir(directory)).toContain('precious');
  });

  it('names folders so that every file system takes them', async () => {
    const target = join(directory, 'named');
    const front = paretoFront({ metrics: ['val/acc:top?'], sides: [1], directory: target, save: async () => {} });
    await run(front, [{ 'val/acc:top?': 0.5 }]);
    expect(front.records().map(({ file }) => file)).toEqual(['epoch=1_val_acc_top_=0.5']);
  });

  it('never holds two models of which one dominates the other', async () => {
    const saved = new Set<string>();
    const front = paretoFront({
      ...options,
      directory: join(directory, 'none'),
      fileName: (epoch) => `${epoch}`,
      enableIf: ({ accuracy }) => accuracy !== 3,
      save: async (_model, target) => {
        const { mkdir } = await import('node:fs/promises');
        await mkdir(target, { recursive: true });
        saved.add(target);
      },
    });
    // All pairs on a small grid in a scrambled order.
    const points = Array.from({ length: 49 }, (_, j) => ({
      accuracy: (j * 17) % 7,
      ebops: Math.floor(((j * 30) % 49) / 7),
    }));
    await run(front, points);
    expect(front.records().map(({ values }) => values)).toEqual([
      [6, Math.min(...points.filter(({ accuracy }) => accuracy === 6).map(({ ebops }) => ebops))],
    ]);
    expect((await readdir(join(directory, 'none'))).sort()).toEqual([front.records()[0].file, 'front.json']);
  });

  it('refuses metrics it cannot use', async () => {
    expect(() => paretoFront({ ...options, sides: [1] })).toThrow('2 metrics and 1 sides');
    expect(() => paretoFront({ directory: 'absent', metrics: ['ebops', 'score'] })).toThrow(
      "paretoFront: whether more or less of 'score' is better is not known; say sides: 1 or −1 for each metric",
    );
    await expect(run(paretoFront(options), [{ accuracy: 1 }])).rejects.toThrow("no number 'ebops'; they hold accuracy");
    await expect(run(paretoFront(options), [{ accuracy: Number.NaN, ebops: 1 }])).rejects.toThrow("'accuracy'");
  });
});

describe('stopIf', () => {
  it('stops once the condition has held for longer than its patience, in a row', async () => {
    const epochs = [1, 0, 1, 1, 1].map((loss) => ({ loss }));
    const high = ({ loss }: Readonly<Logs>): boolean => loss > 0.5;
    expect(await run(stopIf(high), epochs.slice(0, 1))).toHaveLength(1);
    expect(await run(stopIf(high, { patienceEpochs: 2 }), epochs)).toEqual([
      'the condition of stopIf held for 3 epochs',
    ]);
    expect(await run(stopIf(high, { patienceEpochs: 3 }), epochs)).toEqual([]);
  });

  it('counts steps when asked to', async () => {
    const { stopped, epochs } = await fit(smallSparseModel(), upperOrLower(32, 1), {
      epochs: 5,
      batchSize: 8,
      callbacks: [stopIf(() => true, { patienceSteps: 5 })],
    });
    expect([stopped, epochs.length]).toEqual(['the condition of stopIf held for 6 steps', 2]);
  });

  it('refuses two patiences and negative ones', () => {
    expect(() => stopIf(() => true, { patienceEpochs: 1, patienceSteps: 1 })).toThrow('both');
    expect(() => stopIf(() => true, { patienceEpochs: -1 })).toThrow('patience -1');
  });
});

describe('freeEbops and earlyStoppingWithEbopsThreshold', () => {
  it('count the EBOPs of the model as it is', async () => {
    const model = smallSparseModel();
    const { epochs } = await fit(model, upperOrLower(16, 1), { epochs: 1, callbacks: [freeEbops()] });
    expect(epochs[0].ebops).toBe(totalEbops(model));
    expect(epochs[0].ebops).toBeGreaterThan(0);
  });

  it('wait for small models', async () => {
    const model = smallSparseModel();
    const epochs = (): Logs[] => [1, 2, 3].map((valLoss) => ({ valLoss }));
    const options = { patience: 1, restoreBestWeights: false };
    expect(await run(earlyStoppingWithEbopsThreshold(totalEbops(model), options), epochs(), model)).toHaveLength(2);
    expect(await run(earlyStoppingWithEbopsThreshold(totalEbops(model) - 1, options), epochs(), model)).toEqual([]);
    expect(() => earlyStoppingWithEbopsThreshold(Number.NaN, options)).toThrow('ebopsThreshold NaN');
    expect(() => earlyStoppingWithEbopsThreshold(1, { ...options, monitor: 'score' })).toThrow(
      'earlyStoppingWithEbopsThreshold: whether',
    );
  });
});

describe('terminateOnNaN', () => {
  it('names the number and the variable', async () => {
    const model = smallSparseModel();
    await expect(run(terminateOnNaN(), [{ loss: 1 }, { valLoss: Number.NaN }], model)).rejects.toThrow(
      "epoch 2: 'valLoss' is NaN; all variables are finite",
    );
    const bias = namedVariables(model).get('dense/bias');
    if (bias === undefined) throw new Error('no bias');
    setVariable(bias, Float32Array.of(0, Number.POSITIVE_INFINITY));
    await expect(run(terminateOnNaN(), [{ loss: 1 }], model)).rejects.toThrow("epoch 1: 'dense/bias' holds");
  });
});
