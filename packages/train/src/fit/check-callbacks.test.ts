import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { checkpoint } from '../callbacks/checkpoint.ts';
import { freeEbops } from '../callbacks/free-ebops.ts';
import { paretoFront } from '../callbacks/pareto-front.ts';
import { stopIf } from '../callbacks/stop-if.ts';
import { terminateOnNaN } from '../callbacks/terminate-on-nan.ts';
import { betaPidController, betaScheduler } from '../monitor/beta-scheduler.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { sparseTrainingMonitor } from '../monitor/sparse-training-monitor.ts';
import { calibratedBops } from '../trace/calibrated-bops.ts';
import { printWarnings } from '../warnings/print-warnings.ts';
import { adam } from './adam.ts';
import { evaluate } from './evaluate.ts';
import { fit } from './fit.ts';
import { progress } from './progress.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

const data = upperOrLower(16, 1);

describe('fit', () => {
  it.each<[string, unknown, string]>([
    ['one that is in no list', earlyStopping(), 'fit: callbacks is no list; put it into brackets'],
    [
      'those of TensorFlow.js',
      [tf.callbacks.earlyStopping()],
      'fit: callbacks[0] is a callback of TensorFlow.js; use one of',
    ],
    [
      'methods of TensorFlow.js',
      [{ name: 'a' }, { onBatchEnd() {} }],
      "callbacks[1]: 'onBatchEnd' is a method of TensorFlow.js' callbacks; here it is 'onStepEnd'",
    ],
    ['misspelt methods', [{ onEpochEnds() {} }], "unknown option 'onEpochEnds', did you mean 'onEpochEnd'?"],
    ['factories', [earlyStopping], 'callbacks[0] is a function, not a callback'],
    ['nothing', [null], 'callbacks[0] is null'],
  ])('refuses as callbacks %s', async (_name, callbacks, message) => {
    await expect(fit(smallSparseModel(), data, { epochs: 1, callbacks: callbacks as never })).rejects.toThrow(message);
  });

  it('refuses a model of another copy of tfjs, and what is none', async () => {
    const model = smallSparseModel();
    const foreign = { trainableWeights: [], layers: [], inputs: model.inputs, outputs: model.outputs };
    for (const run of [
      () => fit(foreign as never, data, { epochs: 1 }),
      async () => evaluate(foreign as never, data),
    ]) {
      await expect(run()).rejects.toThrow(/the model was made by another copy of TensorFlow.js than the one \(4/);
    }
    await expect(fit({} as never, data, { epochs: 1 })).rejects.toThrow('the model is no tf.LayersModel');
  });
});

describe('model.fit of TensorFlow.js', () => {
  const write = (): void => {};
  it.each([
    earlyStopping(),
    paretoFront({ directory: 'none', metrics: ['loss'] }),
    freeEbops(),
    sparseTrainingMonitor(),
    betaScheduler(() => 0),
    betaPidController({ targetEbops: 1 }),
    checkpoint({ directory: 'none', optimizer: adam() }),
    stopIf(() => true),
    terminateOnNaN(),
    printWarnings({ write }),
    progress({ write }),
    calibratedBops(data),
  ])('is told what to do with $name', async (callback) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = tf.tensor2d([[1], [2]]);
    const run = model.fit(x, x, { epochs: 1, verbose: 0, callbacks: callback as unknown as tf.CustomCallbackArgs });
    await expect(run).rejects.toThrow(
      `${callback.name} is a callback of fit of @sp/train, not of model.fit of TensorFlow.js; use fit(`,
    );
  });
});
