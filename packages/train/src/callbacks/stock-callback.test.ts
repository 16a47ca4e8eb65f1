import { collectQLayers, modelState, setBackend, totalEbops } from '@sp/layers';
import { namedVariables, setVariable } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { FitCallback } from '../fit/callback.ts';
import { betaScheduler } from '../monitor/beta-scheduler.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { sparseTrainingMonitor } from '../monitor/sparse-training-monitor.ts';
import { freeEbops } from './free-ebops.ts';
import { stockCallback } from './stock-callback.ts';
import { stopIf } from './stop-if.ts';
import { terminateOnNaN } from './terminate-on-nan.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

it('stockCallback runs callbacks under the fit of tfjs', async () => {
  const model = smallSparseModel();
  const { images, labels } = upperOrLower(32, 1);
  const x = tf.tensor4d(images, [32, 6, 6, 1]);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 2);
  model.compile({
    optimizer: tf.train.adam(0.1),
    loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
    metrics: ['accuracy'],
  });
  const best = earlyStopping({ monitor: 'valLoss' });
  const states: ReturnType<typeof modelState>[] = [];
  const steps: string[] = [];
  const spy = {
    name: 'spy',
    onStepEnd: (epoch: number, step: number) => void steps.push(`${epoch}.${step}`),
    onEpochEnd: () => void states.push(modelState(model)),
  };
  const callbacks = stockCallback(
    model,
    [betaScheduler((epoch) => 2 ** -20 * (epoch + 1)), freeEbops(), best, spy, stopIf(({ beta }) => beta === 2 ** -18)],
    { epochs: 9, stepsPerEpoch: 2 },
  );
  const result = await model.fit(x, y, {
    epochs: 9,
    batchSize: 16,
    verbose: 0,
    validationData: [x, y],
    callbacks,
  });
  expect(callbacks.stopped).toContain('stopIf');
  expect(steps).toEqual(['0.0', '0.1', '1.0', '1.1', '2.0', '2.1', '3.0', '3.1']);
  expect(callbacks.history.map(({ valLoss }) => valLoss)).toEqual(result.history.val_loss);
  expect(callbacks.history.map(({ accuracy }) => accuracy)).toEqual(result.history.acc);
  const { epoch: number = 0, value } = best.best() ?? {};
  const epoch = number - 1;
  expect(callbacks.history[epoch].epoch).toBe(number);
  expect(value).toBe(Math.min(...callbacks.history.map(({ valLoss }) => valLoss)));
  expect(modelState(model)).toEqual(states[epoch]);
  expect(callbacks.history[epoch].ebops).toBe(totalEbops(model));
  expect(collectQLayers(model)[0].beta).toBe(2 ** -20 * (epoch + 1));
});

it('stockCallback lets the monitor leave out what tfjs does not tell', async () => {
  const model = smallSparseModel();
  const { images, labels } = upperOrLower(32, 1);
  const x = tf.tensor4d(images, [32, 6, 6, 1]);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 2);
  model.compile({
    optimizer: 'sgd',
    loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
  });
  const callbacks = stockCallback(model, [sparseTrainingMonitor(), terminateOnNaN()], { epochs: 2, stepsPerEpoch: 2 });
  await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0, callbacks });
  expect(callbacks.history).toHaveLength(2);
  expect(Object.keys(callbacks.history[1])).toEqual(expect.arrayContaining(['loss', 'ebops', 'lossN', 'n']));
  expect(Object.values(callbacks.history[1]).every(Number.isFinite)).toBe(true);
});

it('stockCallback ends a training whose loss is NaN, naming the variable', async () => {
  const model = smallSparseModel();
  const { images, labels } = upperOrLower(32, 1);
  const x = tf.tensor4d(images, [32, 6, 6, 1]);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 2);
  model.compile({
    optimizer: 'sgd',
    loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
  });
  const bias = namedVariables(model).get('dense/bias');
  if (bias === undefined) throw new Error('no bias');
  setVariable(bias, Float32Array.of(0, Number.NaN));
  const callbacks = stockCallback(model, [], { epochs: 5, stepsPerEpoch: 4 });
  await expect(model.fit(x, y, { epochs: 5, batchSize: 8, verbose: 0, callbacks })).rejects.toThrow(
    /^epoch 1, step 1: the loss is NaN; '.+\/.+' holds a number that is not finite/,
  );
});

it('stockCallback ends at a step or at the end of the epoch, as the callback asks', async () => {
  for (const [when, expected] of [
    ['step', ['0.0', '0.1']],
    ['epoch', ['0.0', '0.1', '0.2', '0.3']],
  ] as const) {
    const model = smallSparseModel();
    const { images, labels } = upperOrLower(32, 1);
    model.compile({
      optimizer: 'sgd',
      loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
    });
    const steps: string[] = [];
    const stop: FitCallback = {
      name: 'stop',
      onStepEnd(epoch, step, _logs, context) {
        steps.push(`${epoch}.${step}`);
        if (step === 1) context.stop('enough', when);
      },
    };
    const callbacks = stockCallback(model, [stop], { epochs: 3, stepsPerEpoch: 4 });
    const x = tf.tensor4d(images, [32, 6, 6, 1]);
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 2);
    await model.fit(x, y, { epochs: 3, batchSize: 8, verbose: 0, callbacks });
    expect([when, steps]).toEqual([when, expected]);
  }
});

it.each(['sgd', 'adam', 'rmsprop', 'momentum'] as const)(
  'stockCallback drives the rate of %s step by step',
  async (name) => {
    const model = smallSparseModel();
    const { images, labels } = upperOrLower(32, 1);
    model.compile({
      optimizer: name === 'momentum' ? tf.train.momentum(0.1, 0.9) : tf.train[name](0.1),
      loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
    });
    const kernel = namedVariables(model).get('dense/kernel');
    const seen: string[] = [String(kernel?.dataSync())];
    const spy: FitCallback = { name: 'spy', onStepEnd: () => void seen.push(String(kernel?.dataSync())) };
    // Nothing in the first epoch, something in its successor's first step, nothing in the last.
    const learningRate = (step: number): number => (step === 2 ? 0.1 : 0);
    const callbacks = stockCallback(model, [spy], { epochs: 2, stepsPerEpoch: 2, learningRate });
    const x = tf.tensor4d(images, [32, 6, 6, 1]);
    const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 2);
    await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0, callbacks });
    expect(seen.slice(1).map((values, step) => values !== seen[step])).toEqual([false, false, true, false]);
    expect(callbacks.history.map((logs) => logs.learningRate)).toEqual([0, 0]);
  },
);
