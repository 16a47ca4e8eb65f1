import {
  collectInputReduces,
  collectQLayers,
  inputReduce,
  modelState,
  qConv2DSparse,
  qDenseBatchNorm,
  setBackend,
  sparseFlatten,
  totalEbops,
} from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { upperOrLower } from '../../test/small-sparse-model.ts';
import { stockCallback } from '../callbacks/stock-callback.ts';
import { ebopsTable } from '../ebops/ebops-table.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { type Evaluation, evaluate, predictAll } from '../fit/evaluate.ts';
import { fit } from '../fit/fit.ts';
import { earlyStopping } from './early-stopping.ts';
import { sparseTrainingMonitor } from './sparse-training-monitor.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

const train = upperOrLower(64, 1);
const validation = upperOrLower(48, 2);

/** A model with every kind of state: weights, learned bits, WRAP ranges, n, threshold, moving statistics. */
function wholeModel(): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
  const iqConf = { i0: 2, f0: 5, overflowMode: 'WRAP', heterogeneousAxis: [-1] } as const;
  const input = tf.input({ shape: [6, 6, 1] });
  const [x, mask] = inputReduce({ n: 6, threshold: 0.6, tauThreshold: 0.1, betaN: 0.02 }).apply(
    input,
  ) as tf.SymbolicTensor[];
  const conv = qConv2DSparse({ filters: 2, kernelSize: 3, activation: 'relu', kernelInitializer, iqConf, beta0: 1e-4 });
  const flat = sparseFlatten().apply([conv.apply([x, mask]) as tf.SymbolicTensor, mask]);
  const dense = qDenseBatchNorm({ units: 2, kernelInitializer, momentum: 0.5, iqConf, beta0: 1e-4 });
  return tf.model({ inputs: input, outputs: dense.apply(flat) as tf.SymbolicTensor });
}

/** All that can be asked of a model in inference. */
function lookAt(model: tf.LayersModel): {
  readonly evaluation: Evaluation;
  readonly outputs: Float32Array;
  readonly state: ReturnType<typeof modelState>;
  readonly ebops: unknown;
  readonly formats: unknown;
  readonly reduction: unknown;
} {
  return {
    evaluation: evaluate(model, validation, { warn: () => {} }),
    outputs: predictAll(model, validation),
    state: modelState(model),
    ebops: [totalEbops(model), ebopsTable(model)],
    formats: collectQLayers(model).map(({ quantizers }) =>
      [...quantizers].map(([role, quantizer]) => [role, quantizer.formats(false), quantizer.traced]),
    ),
    reduction: collectInputReduces(model).map(({ nMaxPixels, threshold }) => [nMaxPixels, threshold]),
  };
}

/** Makes epoch 3 the best one, so that the test does not hang on how well the model learns. */
const score: FitCallback = {
  name: 'score',
  onEpochEnd(epoch, logs) {
    logs.score = Math.abs(epoch - 3);
  },
};

/** Notes what the model is after each epoch. */
function spy(seen: ReturnType<typeof lookAt>[]): FitCallback {
  return { name: 'spy', onEpochEnd: (_epoch: number, _logs, { model }: FitContext) => void seen.push(lookAt(model)) };
}

describe('earlyStopping', () => {
  it.each(['tfjs', 'fused'] as const)(
    'gives back exactly the best epoch, whatever came after it (%s)',
    async (engine) => {
      const model = wholeModel();
      const seen: ReturnType<typeof lookAt>[] = [];
      const best = earlyStopping({ monitor: 'score', mode: 'min' });
      const options = {
        epochs: 8,
        batchSize: 16,
        learningRate: 0.03,
        validation,
        engine: engine === 'fused' ? 'auto' : engine,
      } as const;
      const { epochs } = await fit(model, train, {
        ...options,
        callbacks: [sparseTrainingMonitor(), score, best, spy(seen)],
      });
      expect(best.best()).toEqual({ epoch: 4, value: 0 });
      // The later epochs must have moved everything, else nothing is shown.
      const [kept, last] = [seen[3], seen[7]];
      const names = [...kept.state.keys()].filter(
        (name) => String(kept.state.get(name)?.values) !== String(last.state.get(name)?.values),
      );
      for (const part of ['/kernel', '/bias', '/threshold', 'kq/', 'iq/', 'moving_mean', 'moving_variance']) {
        expect([part, names.some((name) => name.includes(part))]).toEqual([part, true]);
      }
      expect(kept.reduction).not.toEqual(last.reduction);
      expect(kept.ebops).not.toEqual(last.ebops);

      expect(lookAt(model)).toEqual(kept);
      expect(epochs[3]).toMatchObject({
        valLoss: kept.evaluation.loss,
        valAccuracy: kept.evaluation.accuracy,
        ebops: totalEbops(model),
      });
    },
  );

  it('does so under the fit of tfjs', async () => {
    const model = wholeModel();
    model.compile({
      optimizer: tf.train.adam(0.1),
      loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
    });
    const tensors = (data: typeof train): [tf.Tensor, tf.Tensor] => [
      tf.tensor(data.images, [data.labels.length, ...data.shape]),
      tf.oneHot(tf.tensor1d(data.labels, 'int32'), 2),
    ];
    const [x, y] = tensors(train);
    const seen: ReturnType<typeof lookAt>[] = [];
    const best = earlyStopping({ monitor: 'score', mode: 'min', patience: 2 });
    const callbacks = stockCallback(model, [sparseTrainingMonitor(), score, best, spy(seen)], {
      epochs: 9,
      stepsPerEpoch: 4,
    });
    await model.fit(x, y, { epochs: 9, batchSize: 16, verbose: 0, validationData: tensors(validation), callbacks });
    expect(callbacks.stopped).toBe('no better score for 2 epochs');
    expect(seen).toHaveLength(6);
    expect(lookAt(model)).toEqual(seen[3]);
    expect(seen[3].state).not.toEqual(seen[5].state);
    expect(callbacks.history[3].valLoss).toBeCloseTo(seen[3].evaluation.loss, 6);
  });
});

it('a callback that is used again in another training begins anew', async () => {
  const quiet = { epochs: 2, batchSize: 16, validation, say: () => {} };
  const again = earlyStopping();
  await fit(wholeModel(), train, { ...quiet, epochs: 4, learningRate: 0.05, callbacks: [again] });
  const before = again.best();
  const [used, fresh] = [wholeModel(), wholeModel()];
  // Next to nothing is learned: whatever the first training found is better.
  await fit(used, train, { ...quiet, learningRate: 1e-6, callbacks: [again] });
  const alone = earlyStopping();
  await fit(fresh, train, { ...quiet, learningRate: 1e-6, callbacks: [alone] });
  expect(again.best()).toEqual(alone.best());
  expect(before?.value).toBeLessThan(alone.best()?.value ?? 0);
  expect([...predictAll(used, validation)]).toEqual([...predictAll(fresh, validation)]);
});
