import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { Dataset } from '../data/dataset.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { evaluate, evaluateStream } from './evaluate.ts';
import { type FitOptions, fit } from './fit.ts';
import { softmaxCrossEntropy } from './loss.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

const data = upperOrLower(40, 1);

function flatModel(units: number): tf.LayersModel {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape: [6, 6, 1] }));
  model.add(tf.layers.dense({ units }));
  return model;
}

describe('fit refuses', () => {
  const epochs = 1;
  it.each<[string, tf.LayersModel | (() => tf.LayersModel), Partial<Dataset>, Partial<FitOptions>, string]>([
    [
      'images of another size',
      smallSparseModel,
      { shape: [4, 9, 1] },
      {},
      'data has images of 4 × 9 × 1, but the model takes 6 × 6 × 1',
    ],
    [
      'more classes than outputs',
      smallSparseModel,
      { classes: 3 },
      {},
      'data has 3 classes, but the model has 2 outputs',
    ],
    [
      'more classes than one output tells',
      () => flatModel(1),
      { classes: 3 },
      { loss: 'sigmoidCrossEntropy' },
      'data has 3 classes',
    ],
    [
      'a softmax of one output',
      () => flatModel(1),
      {},
      { loss: softmaxCrossEntropy({ labelSmoothing: 0.1 }) },
      'is always 0',
    ],
    [
      'a sigmoid of two outputs',
      smallSparseModel,
      {},
      { loss: 'sigmoidCrossEntropy' },
      'needs one output, the model has 2',
    ],
    [
      'NaN pixels',
      smallSparseModel,
      { images: data.images.map((v, p) => (p === 50 ? Number.NaN : v)) },
      {},
      'fit: data: images: image 1, row 2, column 2, channel 0 is NaN',
    ],
    [
      'labels out of range',
      smallSparseModel,
      { labels: data.labels.map((v, j) => (j === 3 ? 2 : v)) },
      {},
      'label 2 of image 3',
    ],
    [
      'validation images of another size',
      smallSparseModel,
      {},
      { validation: { ...data, shape: [36, 1, 1] } },
      'validation has images of 36 × 1 × 1',
    ],
    ['a negative rate', smallSparseModel, {}, { learningRate: -1 }, 'learningRate of step 0: -1 is not a number ≥ 0'],
    [
      'a schedule that becomes NaN',
      smallSparseModel,
      {},
      { learningRate: (step) => 1 / (1 - step) },
      'learningRate of step 1: Infinity',
    ],
    ['a factor that is no number', smallSparseModel, {}, { rates: () => Number.NaN }, "rates('reduce/threshold'): NaN"],
    ['a seed that is no number', smallSparseModel, {}, { seed: Number.NaN }, 'seed NaN is not a whole number'],
  ])('%s', async (_, model, change, options, message) => {
    const make = typeof model === 'function' ? model : () => model;
    await expect(fit(make(), { ...data, ...change }, { epochs, batchSize: 8, ...options })).rejects.toThrow(message);
  });
});

describe('evaluateStream', () => {
  it('gives what evaluate gives, also as validation of fit', async () => {
    const model = smallSparseModel();
    const validation = streamDataset(upperOrLower(33, 2));
    const memory = upperOrLower(33, 2);
    const { epochs } = await fit(model, data, { epochs: 2, validation });
    const [whole, streamed] = [evaluate(model, memory), await evaluateStream(model, validation, { batchSize: 8 })];
    expect(streamed.accuracy).toBe(whole.accuracy);
    expect(streamed.loss).toBeCloseTo(whole.loss, 6);
    expect(epochs[1]).toMatchObject({ valAccuracy: whole.accuracy, valLoss: whole.loss });
  });
});

describe('evaluate', () => {
  it('refuses data that do not fit', async () => {
    const model = smallSparseModel();
    const wide = { ...data, shape: [3, 12, 1] } as const;
    expect(() => evaluate(model, wide)).toThrow('evaluate: data has images of 3 × 12 × 1');
    await expect(evaluateStream(model, streamDataset(wide))).rejects.toThrow('evaluateStream: data has images');
  });

  it('says once that a model has to be traced', async () => {
    const model = smallSparseModel();
    await fit(model, data, { epochs: 1, validation: data });
    const said: string[] = [];
    const warn = (message: string): void => void said.push(message);
    evaluate(model, data, { warn });
    evaluate(model, data, { warn });
    expect(said).toHaveLength(2);
    expect(said[0]).toContain("Layer 'conv': iq, bq not traced since training");
  });
});

describe('classes of data and validation', () => {
  const epochs = 1;
  const named = (labelIds?: readonly number[]): Dataset => ({ ...data, ...(labelIds && { labelIds }) });

  it.each([
    [
      [11, 211],
      [211, 11],
      'class 0 is the label 11 in data, but 211 in validation; load validation with labelIds: data.labelIds',
    ],
    [undefined, [1, 2], 'class 0 is the label 0 in data, but 1 in validation; load validation with classes: 2'],
    [[1, 2], undefined, 'class 0 is the label 1 in data, but 0 in validation'],
  ])('that stand for labels %j and %j are refused', async (ours, theirs, message) => {
    await expect(fit(smallSparseModel(), named(ours), { epochs, validation: named(theirs) })).rejects.toThrow(message);
    const stream = streamDataset(named(theirs));
    await expect(fit(smallSparseModel(), named(ours), { epochs, validation: stream })).rejects.toThrow(message);
  });

  it('that stand for the same are taken', async () => {
    const { epochs: logs } = await fit(smallSparseModel(), named([11, 211]), { epochs, validation: named([11, 211]) });
    expect(logs).toHaveLength(1);
  });
});
