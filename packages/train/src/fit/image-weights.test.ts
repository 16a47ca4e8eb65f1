import { modelState, setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { sliceImages } from '../data/dataset.ts';
import { randomSource } from '../data/random.ts';
import type { LossName } from '../engine/loss-function.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { evaluate, evaluateStream, predictAll } from './evaluate.ts';
import { type FitOptions, fit } from './fit.ts';
import { sgd } from './sgd.ts';

beforeAll(() => setBackend('wasm'));

const data = upperOrLower(70, 1);
const random = randomSource(9);
const sampleWeight = Array.from(data.labels, () => random.below(4) / 2);
const classWeight = { 1: 3 };
const quiet = { warn: (): void => {} };

/** `Σ weight·loss / images`, by hand. */
function byHand(model: tf.LayersModel, weightOf: (index: number) => number): number {
  const logits = predictAll(model, data);
  const losses = Array.from(data.labels, (label, j) => {
    const [right, wrong] = [logits[2 * j + label], logits[2 * j + 1 - label]];
    return weightOf(j) * Math.log1p(Math.exp(wrong - right));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe('evaluate with weights', () => {
  it('gives the sum of weight × loss over the number of images, and the accuracy without weights', async () => {
    const model = smallSparseModel();
    const plain = evaluate(model, data, quiet);
    for (const [weights, weightOf] of [
      [{ classWeight }, (j: number) => (data.labels[j] === 1 ? 3 : 1)],
      [{ classWeight: [1, 3] }, (j: number) => (data.labels[j] === 1 ? 3 : 1)],
      [{ sampleWeight }, (j: number) => sampleWeight[j]],
      [{ sampleWeight, classWeight }, (j: number) => sampleWeight[j] * (data.labels[j] === 1 ? 3 : 1)],
      [{ sampleWeight: Float32Array.from(data.labels, () => 1) }, () => 1],
    ] as const) {
      const wanted = byHand(model, weightOf);
      for (const found of [
        evaluate(model, data, { ...weights, ...quiet }),
        await evaluateStream(model, streamDataset(data), { ...weights, ...quiet, batchSize: 16 }),
      ]) {
        expect(found.loss).toBeCloseTo(wanted, 5);
        expect(found.accuracy).toBe(plain.accuracy);
      }
    }
  });
});

describe('fit with weights', () => {
  const train = async (options: Omit<FitOptions, 'epochs'>, source: Parameters<typeof fit>[1] = data, units = 2) => {
    const model = smallSparseModel(1, units);
    const { epochs } = await fit(model, source, { epochs: 3, batchSize: 20, learningRate: 1e-2, ...options });
    return { epochs, state: modelState(model) };
  };

  it.each<[LossName, number]>([
    ['softmaxCrossEntropy', 2],
    ['sigmoidCrossEntropy', 1],
    ['meanSquaredError', 2],
  ])('trains alike on both engines, on data in memory and streams (%s)', async (loss, units) => {
    const validation = sliceImages(data, 0, 30);
    const own = { loss, sampleWeight, classWeight, validation, validationSampleWeight: sampleWeight.slice(0, 30) };
    for (const source of [data, streamDataset(data)]) {
      const valid = source === data ? validation : streamDataset(validation);
      const [fused, tfjs] = [
        await train({ ...own, validation: valid, engine: 'fused' }, source, units),
        await train({ ...own, validation: valid, engine: 'tfjs' }, source, units),
      ];
      const { epochs } = await train(
        { ...own, engine: 'fused', sampleWeight: sampleWeight.map(() => 1) },
        source,
        units,
      );
      for (const [epoch, logs] of fused.epochs.entries()) {
        for (const name of ['loss', 'lossTask', 'accuracy', 'valLoss', 'valAccuracy']) {
          expect(logs[name], name).toBeCloseTo(tfjs.epochs[epoch][name], 4);
        }
        expect(Math.abs(logs.lossTask - epochs[epoch].lossTask)).toBeGreaterThan(1e-3);
      }
      for (const [name, { values }] of fused.state) {
        for (const [j, value] of values.entries()) {
          expect(value).toBeCloseTo(tfjs.state.get(name)?.values[j] as number, 3);
        }
      }
    }
  });

  it('moves as a data set in which images are missing or doubled does', async () => {
    const optimizer = (): ReturnType<typeof sgd> => sgd();
    for (const engine of ['fused', 'tfjs'] as const) {
      // One step of all images: 0 leaves the second half out, 2 makes up for the mean over twice as many.
      const options = { epochs: 1, learningRate: 0.1, engine };
      const models = [smallSparseModel(), smallSparseModel()];
      const weights = Array.from(data.labels, (_, j) => (j < 35 ? 2 : 0));
      const rates = (name: string): number => (name === 'dense/kernel' || name === 'dense/bias' ? 1 : 0);
      await fit(models[0], data, { ...options, rates, batchSize: 70, optimizer: optimizer(), sampleWeight: weights });
      await fit(models[1], sliceImages(data, 0, 35), { ...options, rates, batchSize: 35, optimizer: optimizer() });
      const [weighted, half] = models.map(
        (model) => modelState(model).get('dense/kernel')?.values ?? new Float32Array(),
      );
      const start = modelState(smallSparseModel()).get('dense/kernel')?.values ?? new Float32Array();
      expect(weighted).not.toEqual(start);
      // Ranges of quantizers follow all images: those of the dense layer are the same within a step.
      for (const [j, value] of weighted.entries()) expect(value).toBeCloseTo(half[j], 4);
    }
  });

  it('leaves validation without class weights, as Keras does', async () => {
    const options = { validation: data, learningRate: 0 };
    const [plain, weighted] = [await train(options), await train({ ...options, classWeight: [5, 5] })];
    expect(weighted.epochs[0].valLoss).toBe(plain.epochs[0].valLoss);
    expect(weighted.epochs[0].lossTask).toBeCloseTo(5 * plain.epochs[0].lossTask, 4);
  });

  it('gives weights to an own loss that takes them', async () => {
    const own = (labels: tf.Tensor1D, outputs: tf.Tensor, weights?: tf.Tensor1D): tf.Scalar => {
      const losses = tf.neg(tf.sum(tf.mul(tf.oneHot(labels, 2), tf.logSoftmax(outputs)), 1));
      return tf.mean(weights === undefined ? losses : tf.mul(losses, weights));
    };
    const [mine, theirs] = [await train({ sampleWeight, loss: own }), await train({ sampleWeight, engine: 'tfjs' })];
    for (const [epoch, { loss }] of mine.epochs.entries()) expect(loss).toBeCloseTo(theirs.epochs[epoch].loss, 5);
    const deaf = (labels: tf.Tensor1D, outputs: tf.Tensor): tf.Scalar => own(labels, outputs);
    await expect(train({ sampleWeight, loss: deaf })).rejects.toThrow(
      'fit: the loss is a function of your own that does not take weights; give it a third parameter',
    );
  });

  it.each<[string, Omit<FitOptions, 'epochs'>, string]>([
    ['a class that does not exist', { classWeight: { 2: 1 } }, "classWeight of class '2': the classes are 0 … 1"],
    ['a class by name', { classWeight: { muon: 1 } as never }, "classWeight of class 'muon'"],
    ['too few classes', { classWeight: [1] }, 'classWeight has 1 weights for 2 classes'],
    ['a Map', { classWeight: new Map([[1, 2]]) as never }, 'classWeight is no array and no object'],
    ['a negative weight', { classWeight: { 0: -1 } }, 'classWeight of class 0: -1 is not a finite number ≥ 0'],
    [
      'no weight where images are',
      { sampleWeight: Array.from(data.labels, (label) => label), classWeight: { 1: 0 } },
      'fit: the weights of all images are 0',
    ],
    ['no weight at all', { classWeight: { 0: 0, 1: 0 } }, 'classWeight is 0 for all classes'],
    ['too few images', { sampleWeight: [1, 2] }, 'sampleWeight has 2 numbers for 70 images'],
    ['a number that is none', { sampleWeight: sampleWeight.map(() => Number.NaN) }, 'sampleWeight of image 0: NaN'],
    ['a tensor', { sampleWeight: 3 as never }, 'sampleWeight is no array; give one number per image'],
    ['zeros', { sampleWeight: sampleWeight.map(() => 0) }, 'sampleWeight is 0 for all images'],
    ['weights of nothing', { validationSampleWeight: [1] }, 'validationSampleWeight without validation'],
    [
      'too few of validation',
      { validation: data, validationSampleWeight: [1] },
      'fit: validationSampleWeight has 1 numbers for 70 images',
    ],
  ])('refuses %s', async (_name, options, message) => {
    await expect(train(options)).rejects.toThrow(message);
  });

  it('refuses weights of 0 for all classes that occur, in memory and of streams, in evaluate too', async () => {
    const ones = { ...data, labels: data.labels.map(() => 1), classes: 2 };
    const classWeight = { 1: 0 };
    const message = 'the weights of all images are 0: nothing would be learned; give a class that occurs (1)';
    for (const engine of ['fused', 'tfjs'] as const) {
      await expect(train({ classWeight, engine }, ones)).rejects.toThrow(message);
      await expect(train({ classWeight, engine }, streamDataset(ones))).rejects.toThrow(message);
    }
    expect(() => evaluate(smallSparseModel(), ones, { classWeight, ...quiet })).toThrow(`evaluate: ${message}`);
    await expect(evaluateStream(smallSparseModel(), streamDataset(ones), { classWeight, ...quiet })).rejects.toThrow(
      message,
    );
    await train({ classWeight: { 0: 0 } }, ones);
  });
});
