import { modelState, setBackend } from '@sp/layers';
import { namedVariables } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { adam } from './adam.ts';
import { type FitOptions, fit } from './fit.ts';

const data = upperOrLower(96, 3);

/** Largest difference of any variable of two trained models, relative to the largest value of the variable or 1e-2. */
function difference(a: tf.LayersModel, b: tf.LayersModel): number {
  const other = modelState(b);
  return Math.max(
    ...[...modelState(a)].map(([name, { values }]) => {
      const wanted = other.get(name)?.values ?? new Float32Array();
      const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
      return values.reduce((most, value, j) => Math.max(most, Math.abs(value - wanted[j])), 0) / scale;
    }),
  );
}

async function both(
  options: Omit<FitOptions, 'engine' | 'epochs'>,
  source: typeof data | ReturnType<typeof streamDataset>,
) {
  const models = { fused: smallSparseModel(), tfjs: smallSparseModel() };
  const results = [];
  for (const engine of ['fused', 'tfjs'] as const) {
    results.push(
      await fit(models[engine], source, { batchSize: 20, learningRate: 1e-2, ...options, epochs: 4, engine }),
    );
  }
  return { models, results };
}

describe('fit on the fused engine', () => {
  beforeAll(() => setBackend('wasm'));

  it.each([
    ['a data set in memory', data],
    ['a stream', streamDataset(data)],
  ])('trains as tfjs does on %s', async (_name, source) => {
    const { models, results } = await both({ validation: data }, source);
    expect(results.map(({ engine }) => engine)).toEqual(['fused', 'tfjs']);
    for (const [epoch, logs] of results[0].epochs.entries()) {
      const wanted = results[1].epochs[epoch];
      expect(logs.accuracy).toBe(wanted.accuracy);
      expect(logs.loss).toBeCloseTo(wanted.loss, 4);
      expect(logs.valLoss).toBeCloseTo(wanted.valLoss as number, 4);
    }
    expect(difference(models.fused, models.tfjs)).toBeLessThan(1e-4);
  });

  it('shows callbacks the model as it is, and takes what they change', async () => {
    const seen: Record<string, number[]> = { fused: [], tfjs: [] };
    const models = { fused: smallSparseModel(), tfjs: smallSparseModel() };
    for (const engine of ['fused', 'tfjs'] as const) {
      const kernel = models[engine].getLayer('dense').weights.find(({ name }) => name.includes('kernel'));
      const variable = kernel?.read() as tf.Variable;
      await fit(models[engine], data, {
        epochs: 2,
        batchSize: 40,
        engine,
        callbacks: [
          {
            name: 'watch',
            onStepEnd: (_epoch, step) => {
              seen[engine].push(variable.dataSync()[0]);
              if (step === 1) tf.tidy(() => variable.assign(tf.mul(variable, 0.5)));
            },
          },
        ],
      });
    }
    expect(seen.fused).toHaveLength(6);
    for (const [step, value] of seen.fused.entries()) expect(value).toBeCloseTo(seen.tfjs[step], 5);
    expect(Math.abs(seen.fused[2])).toBeLessThan(0.6 * Math.abs(seen.fused[1]));
    expect(difference(models.fused, models.tfjs)).toBeLessThan(1e-4);
  });

  it('shows callbacks that look at some variables those and no others, and trains the same', async () => {
    const models = [smallSparseModel(), smallSparseModel()];
    const seen = await Promise.all(
      models.map(async (model, which) => {
        const steps: (readonly [number, number])[] = [];
        const first = (name: string): number => namedVariables(model).get(name)?.dataSync()[0] ?? Number.NaN;
        const onStepEnd = (): void => void steps.push([first('dense/bias'), first('dense/kernel')]);
        const only = which === 1 && { onlyVariables: ['bias'] };
        const callbacks = [{ name: 'watch', onStepEnd, ...only }];
        await fit(model, data, { epochs: 2, batchSize: 32, learningRate: 1e-2, engine: 'fused', callbacks });
        return steps;
      }),
    );
    const [all, some] = seen;
    expect(all).toHaveLength(6);
    expect(some.map(([bias]) => bias)).toEqual(all.map(([bias]) => bias));
    // The kernel is that of the last epoch's end.
    const [start, middle] = [some[0][1], all[2][1]];
    expect(some.map(([, kernel]) => kernel)).toEqual([start, start, start, middle, middle, middle]);
    expect(new Set(all.map(([, kernel]) => kernel)).size).toBe(6);
    expect(modelState(models[1])).toEqual(modelState(models[0]));
  });

  it.each(['onEpochBegin', 'onStepEnd'] as const)('sees images that a callback changes in place (%s)', async (when) => {
    const losses = [];
    for (const engine of ['fused', 'tfjs'] as const) {
      const own = { ...data, images: data.images.slice() };
      const change = (epoch: number, step: unknown): void => {
        if (epoch === 1 && (when === 'onEpochBegin' || step === 0)) own.images.copyWithin(0, 18).fill(0.75, 0, 36);
      };
      const callbacks = [{ name: 'change', [when]: change }];
      const options = { epochs: 3, batchSize: 40, learningRate: 0, engine, callbacks };
      losses.push((await fit(smallSparseModel(), own, options)).epochs.map(({ loss }) => loss));
    }
    const [fused, tfjs] = losses;
    for (const [epoch, loss] of fused.entries()) expect(loss).toBeCloseTo(tfjs[epoch], 5);
    expect(Math.abs(fused[2] - fused[0])).toBeGreaterThan(1e-4);
  });

  it('freezes variables and goes on with the other engine, optimizer included', async () => {
    const model = smallSparseModel();
    const start = modelState(model).get('dense/kernel')?.values;
    const rates = (name: string): number => (name === 'dense/kernel' ? 0 : 1);
    await fit(model, data, { epochs: 1, rates, engine: 'fused' });
    expect(modelState(model).get('dense/kernel')?.values).toEqual(start);
    const result = await fit(model, data, { epochs: 1, engine: 'tfjs' });
    expect(Number.isFinite(result.epochs[0].loss)).toBe(true);
  });

  it.each(['fused', 'tfjs'] as const)(
    'refuses an optimizer that has trained a model of other sizes (%s)',
    async (engine) => {
      const optimizer = adam();
      await fit(smallSparseModel(1, 2), data, { epochs: 1, optimizer, engine });
      const model = smallSparseModel(1, 3);
      const before = modelState(model).get('dense/kernel')?.values;
      await expect(fit(model, data, { epochs: 1, optimizer, engine })).rejects.toThrow(
        /adam: 'dense\/\S+' has \d+ numbers, but the state \d+; the model has changed/,
      );
      expect(modelState(model).get('dense/kernel')?.values).toEqual(before);
    },
  );

  it('says why it cannot', async () => {
    const input = tf.input({ shape: [6, 6, 1] });
    const flat = tf.layers.flatten().apply(input);
    const dense = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 2 }).apply(flat) as tf.SymbolicTensor });
    await expect(fit(dense, data, { epochs: 1, engine: 'fused' })).rejects.toThrow(
      /Flatten\) comes before inputReduce/,
    );
    expect((await fit(dense, data, { epochs: 1, engine: 'auto' })).engine).toMatch(/^tfjs: layer '.*' \(Flatten\)/);
    const wrong = fit(smallSparseModel(), data, { epochs: 1, engine: 'fast' as 'auto' });
    await expect(wrong).rejects.toThrow(/engine 'fast'/);
    const own = fit(smallSparseModel(), data, { epochs: 1, engine: 'fused', loss: () => tf.scalar(0) });
    await expect(own).rejects.toThrow(/the loss is a function of your own/);
  });

  it('stops where the loss is no number and names the variable', async () => {
    const run = fit(smallSparseModel(), data, { epochs: 3, learningRate: 1e39, engine: 'fused' });
    await expect(run).rejects.toThrow(/epoch 1: the loss is NaN; '.*' holds a number that is not finite/);
  });
});
