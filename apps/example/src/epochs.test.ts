import { setBackend } from '@sp/layers';
import { type Dataset, earlyStopping, fit, type Logs } from '@sp/train';
import { history } from '@sp/viz';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';

it('the best epoch of a training is marked in its figure', async () => {
  await setBackend('cpu');
  const input = tf.input({ shape: [1, 1, 1] });
  const flat = tf.layers.flatten().apply(input);
  const outputs = tf.layers.dense({ units: 2 }).apply(flat) as tf.SymbolicTensor;
  const images = Float32Array.of(0, 1);
  const data: Dataset = { images, labels: Int32Array.of(0, 1), shape: [1, 1, 1], classes: 2 };
  // Best in the third of five epochs.
  const score = {
    name: 'score',
    onEpochEnd(epoch: number, logs: Logs) {
      logs.score = -Math.abs(epoch - 2);
    },
  };
  const best = earlyStopping({ monitor: 'score', mode: 'max' });
  const model = tf.model({ inputs: input, outputs });
  const result = await fit(model, data, { epochs: 5, validation: data, callbacks: [score, best] });
  expect(result.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  expect(result.epochs.find(({ epoch }) => epoch === best.best()?.epoch)?.score).toBe(-0);
  const spec = JSON.stringify(history(result.epochs, { bestEpoch: best.best()?.epoch }));
  expect(spec).toContain('best epoch 3');
});
