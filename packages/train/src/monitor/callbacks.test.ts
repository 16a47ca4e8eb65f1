import {
  collectInputReduces,
  collectQLayers,
  inputReduce,
  modelState,
  qDense,
  setBackend,
  sparseFlatten,
  totalEbops,
} from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { ebopsTable } from '../ebops/ebops-table.ts';
import { setSparseEbopsFactor } from '../ebops/sparse-ebops-factor.ts';
import { evaluate } from '../fit/evaluate.ts';
import { fit } from '../fit/fit.ts';
import type { Logs } from '../fit/logs.ts';
import { piecewiseBeta } from '../schedule/piecewise-beta.ts';
import { betaPidController, betaScheduler } from './beta-scheduler.ts';
import { earlyStopping } from './early-stopping.ts';
import { sparseTrainingMonitor } from './sparse-training-monitor.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

const train = upperOrLower(96, 1);
const validation = upperOrLower(64, 2);

describe('setSparseEbopsFactor', () => {
  it('is n over the pixels of the layer, and what the table and the total show', () => {
    const model = smallSparseModel();
    const before = ebopsTable(model);
    expect(before.map(({ layer, factor }) => [layer, factor])).toEqual([
      ['conv', 1],
      ['dense', 1],
    ]);
    expect(setSparseEbopsFactor(model)).toBe(5);
    const after = ebopsTable(model);
    expect(after[0]).toMatchObject({ factor: 5 / 36, ebops: Math.trunc((before[0].ebops * 5) / 36) });
    expect(after[1]).toEqual(before[1]);
    expect(totalEbops(model)).toBe(after[0].ebops + after[1].ebops);
  });
});

describe('sparseTrainingMonitor', () => {
  it('logs n, threshold, EBOPs and a loss split that adds up', async () => {
    const model = smallSparseModel();
    const { epochs } = await fit(model, train, { epochs: 2, learningRate: 1e-3, callbacks: [sparseTrainingMonitor()] });
    const [reduce] = collectInputReduces(model);
    const last = epochs[1];
    expect(last).toMatchObject({ n: reduce.nMaxPixels, threshold: reduce.threshold, ebops: totalEbops(model) });
    expect(last.lossN).toBeCloseTo(1e-3 * reduce.nMaxPixels, 9);
    expect(last.lossEbops).toBeCloseTo(1e-5 * last.ebops, 6);
    expect(last.lossTask + last.lossEbops + last.lossN + last.lossBits + last.lossOther).toBeCloseTo(last.loss, 9);
    expect(Math.abs(last.lossOther)).toBeLessThan(0.01);
  });

  it('tells the price of dropped intensity apart', async () => {
    const input = tf.input({ shape: [6, 6, 1] });
    // A threshold so sharp and a budget so large that the share is that of the pixels up to 0.6.
    const reduce = inputReduce({ n: 36, threshold: 0.6, tauThreshold: 1e-4, betaMaskedE: 0.5, betaN: 0 });
    const logits = qDense({ units: 2 }).apply(sparseFlatten().apply(reduce.apply(input) as tf.SymbolicTensor[]));
    const model = tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor });
    const { epochs } = await fit(model, train, { epochs: 1, learningRate: 0, callbacks: [sparseTrainingMonitor()] });
    const shares = Array.from(train.labels, (_, j) => {
      const image = train.images.subarray(36 * j, 36 * (j + 1));
      const sum = (pixels: Float32Array): number => pixels.reduce((a, b) => a + b, 0);
      return sum(image.filter((pixel) => pixel <= 0.6)) / sum(image);
    });
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.1);
    expect(epochs[0].lossMasked).toBeCloseTo(0.5 * mean, 4);
    expect(epochs[0].lossBits).toBeGreaterThanOrEqual(0);
    expect(epochs[0]).not.toHaveProperty('lossOther');
  });
});

describe('earlyStopping', () => {
  it('puts back the best epoch with its quantizer state', async () => {
    const model = smallSparseModel();
    const stopper = earlyStopping({ monitor: 'valLoss' });
    const states: ReturnType<typeof modelState>[] = [];
    const { epochs } = await fit(model, train, {
      epochs: 10,
      // So large a rate that later epochs are worse than earlier ones.
      learningRate: 0.15,
      validation,
      callbacks: [stopper, { name: 'spy', onEpochEnd: () => void states.push(modelState(model)) }],
    });
    const values = epochs.map(({ valLoss }) => valLoss);
    const best = values.indexOf(Math.min(...values));
    expect(stopper.best()).toEqual({ epoch: best + 1, value: values[best] });
    expect(epochs.map(({ epoch }) => epoch)).toEqual(epochs.map((_, index) => index + 1));
    expect(best).toBeLessThan(9);
    expect(modelState(model)).toEqual(states[best]);
    expect(modelState(model)).not.toEqual(states[9]);
    expect(evaluate(model, validation).loss).toBe(values[best]);
  });

  const stop = async (
    options: Parameters<typeof earlyStopping>[0],
    values: readonly number[],
    ebops = 0,
  ): Promise<string[]> => {
    const reasons: string[] = [];
    const callback = earlyStopping({ restoreBestWeights: false, ...options });
    const context = { stop: (reason: string) => void reasons.push(reason) } as never;
    for (const [epoch, valLoss] of values.entries())
      await callback.onEpochEnd?.(epoch, { valLoss, ebops } as Logs, context);
    return reasons;
  };

  it('stops when patience ends, not before, and only for real improvements', async () => {
    expect(await stop({ patience: 2 }, [3, 2, 2, 1])).toEqual([]);
    expect(await stop({ patience: 2 }, [3, 2, 2, 2])).toEqual(['no better valLoss for 2 epochs']);
    expect(await stop({ patience: 2, minDelta: 0.5 }, [3, 2.9, 2.8])).toHaveLength(1);
    expect(await stop({ patience: 2, mode: 'max' }, [3, 2.9, 2.8])).toHaveLength(1);
  });

  it('goes on while EBOPs are above the threshold', async () => {
    expect(await stop({ patience: 1, ebopsThreshold: 10 }, [1, 2, 3], 11)).toEqual([]);
    expect(await stop({ patience: 1, ebopsThreshold: 10 }, [1, 2], 10)).toHaveLength(1);
  });

  it('keeps the largest accuracy without being told, and says so', async () => {
    const said: string[] = [];
    const callback = earlyStopping({ monitor: 'valAccuracy', restoreBestWeights: false });
    const context = { say: (line: string) => void said.push(line) } as never;
    callback.onTrainBegin?.(context);
    for (const [epoch, valAccuracy] of [0.76, 0.9, 0.8].entries())
      await callback.onEpochEnd?.(epoch, { valAccuracy }, context);
    expect(callback.best()).toEqual({ epoch: 2, value: 0.9 });
    expect(said).toEqual(["earlyStopping: more valAccuracy is better (mode: 'max')"]);
    expect(() => earlyStopping({ monitor: 'score' })).toThrow("earlyStopping: whether more or less of 'score'");
  });

  it('names a number that is not in the logs', async () => {
    await expect(stop({ monitor: 'valAccuracy' }, [1])).rejects.toThrow(
      "no number 'valAccuracy'; they hold valLoss, ebops",
    );
  });
});

describe('β callbacks', () => {
  it('betaScheduler sets the β of every layer that counts', async () => {
    const model = smallSparseModel();
    const schedule = piecewiseBeta([
      [0, 1e-6, 'linear'],
      [1, 3e-6, 'constant'],
    ]);
    const { epochs } = await fit(model, train, { epochs: 2, callbacks: [betaScheduler(schedule)] });
    expect(epochs.map(({ beta }) => beta)).toEqual([1e-6, 3e-6]);
    for (const { beta } of collectQLayers(model)) expect(beta).toBe(Math.fround(3e-6));
  });

  it('refuse a β that is no number, and models that would ignore it', async () => {
    const schedule = (epoch: number): number => (epoch === 1 ? Number.NaN : 1e-6);
    const bad = fit(smallSparseModel(), train, { epochs: 2, callbacks: [betaScheduler(schedule)] });
    await expect(bad).rejects.toThrow('betaScheduler: β of epoch 1: NaN is not a number ≥ 0');
    for (const callback of [betaScheduler(() => 1e-6), betaPidController({ targetEbops: 100 })]) {
      const plain = tf.sequential();
      plain.add(tf.layers.flatten({ inputShape: [6, 6, 1] }));
      plain.add(tf.layers.dense({ units: 2 }));
      const run = fit(plain, train, { epochs: 1, callbacks: [callback] });
      await expect(run).rejects.toThrow(`${callback.name}: no layer of the model counts EBOPs`);
    }
    expect(() => betaPidController({ targetEbops: 100, warmup: Number.NaN })).toThrow('betaPid: warmup NaN');
  });

  it('betaPidController raises β while EBOPs are above the target', async () => {
    const model = smallSparseModel();
    const target = totalEbops(model) / 4;
    const { epochs } = await fit(model, train, {
      epochs: 4,
      learningRate: 1e-5,
      callbacks: [betaPidController({ targetEbops: target, initBeta: 1e-7, warmup: 2, p: 1, i: 0.5 })],
    });
    expect(epochs[1].beta).toBeCloseTo(1e-7, 12);
    expect(epochs[3].beta).toBeGreaterThan(1.5e-7);
  });
});
