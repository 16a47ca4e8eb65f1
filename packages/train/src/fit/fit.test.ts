import { setBackend } from '@sp/layers';
import { namedVariables, setVariable } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { Dataset } from '../data/dataset.ts';
import { randomSource } from '../data/random.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { evaluate } from './evaluate.ts';
import { type FitOptions, fit } from './fit.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

/** Two classes of 2 × 1 images that a line can part: the brighter pixel is the class. */
function brighterPixel(count: number, seed: number): Dataset {
  const random = randomSource(seed);
  const images = Float32Array.from({ length: 2 * count }, () => random.unit());
  const labels = Int32Array.from({ length: count }, (_, j) => (images[2 * j + 1] > images[2 * j] ? 1 : 0));
  return { images, labels, shape: [2, 1, 1], classes: 2 };
}

function linearModel(seed = 1): tf.LayersModel {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape: [2, 1, 1] }));
  model.add(tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotUniform({ seed }), useBias: true }));
  return model;
}

describe('fit', () => {
  it('learns, says so in its logs, and validates in inference', async () => {
    const model = linearModel();
    const validation = brighterPixel(100, 2);
    const { epochs, stopped } = await fit(model, brighterPixel(200, 1), { epochs: 8, learningRate: 0.1, validation });
    expect(stopped).toBe('finished');
    expect(epochs).toHaveLength(8);
    expect(epochs[7].lossTask).toBeLessThan(epochs[0].lossTask / 2);
    expect(epochs[7].valAccuracy).toBeGreaterThan(0.9);
    expect(evaluate(model, validation).accuracy).toBe(epochs[7].valAccuracy);
    expect(epochs[7]).toMatchObject({ learningRate: 0.1, loss: epochs[7].lossTask });
  });

  it('repeats itself exactly for the same seed and not for another', async () => {
    const run = async (seed: number): Promise<number[]> =>
      (await fit(linearModel(), brighterPixel(64, 1), { epochs: 3, batchSize: 7, seed })).epochs.map(
        ({ loss }) => loss,
      );
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  it('adds the losses of layers', async () => {
    const model = tf.sequential();
    model.add(tf.layers.flatten({ inputShape: [2, 1, 1] }));
    model.add(
      tf.layers.dense({ units: 2, kernelInitializer: 'ones', kernelRegularizer: tf.regularizers.l1({ l1: 0.5 }) }),
    );
    const { epochs } = await fit(model, brighterPixel(4, 1), { epochs: 1, learningRate: 0 });
    expect(epochs[0].loss - epochs[0].lossTask).toBeCloseTo(2, 6);
  });

  it('freezes variables whose rate is 0, from the epoch on that says so', async () => {
    const model = linearModel();
    const data = brighterPixel(32, 1);
    const kernels: number[][] = [];
    const biases: number[][] = [];
    await fit(model, data, {
      epochs: 3,
      rates: (variable, epoch) => (variable.endsWith('kernel') && epoch > 0 ? 0 : 1),
      callbacks: [
        {
          name: 'spy',
          onEpochEnd: () => {
            kernels.push([...model.weights[0].read().dataSync()]);
            biases.push([...model.weights[1].read().dataSync()]);
          },
        },
      ],
    });
    expect(kernels[1]).toEqual(kernels[0]);
    expect(kernels[2]).toEqual(kernels[0]);
    expect(biases[1]).not.toEqual(biases[0]);
  });

  it('leaves no tensor behind', async () => {
    const model = linearModel();
    const data = brighterPixel(32, 1);
    await fit(model, data, { epochs: 1, validation: data });
    const before = tf.memory().numTensors;
    await fit(model, data, { epochs: 4, batchSize: 5, validation: data });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names the weight that broke the loss', async () => {
    const model = linearModel();
    model.weights[0].write(tf.fill([2, 2], Number.NaN));
    await expect(fit(model, brighterPixel(4, 1), { epochs: 1 })).rejects.toThrow(
      /epoch 1: the loss is NaN; 'dense_Dense\d+\/kernel' holds a number that is not finite/,
    );
  });

  it.each(['tfjs', 'fused'] as const)(
    'names the culprit also where a layer hides it from the loss (%s)',
    async (engine) => {
      const model = smallSparseModel();
      const kernel = namedVariables(model).get('conv/kernel');
      if (kernel === undefined) throw new Error('no kernel');
      // The ReLU behind the convolution makes 0 of it.
      setVariable(kernel, new Float32Array(kernel.size).fill(Number.NaN));
      await expect(fit(model, upperOrLower(32, 1), { epochs: 1, engine })).rejects.toThrow(
        /^epoch 1: the loss is \d.*; 'conv\/kernel' holds a number that is not finite/,
      );
    },
  );

  it('ends when a callback or a signal asks', async () => {
    const data = brighterPixel(32, 1);
    const byCallback = await fit(linearModel(), data, {
      epochs: 9,
      callbacks: [
        { name: 'two', onEpochEnd: (epoch, _logs, context) => (epoch === 1 ? context.stop('enough') : undefined) },
      ],
    });
    expect([byCallback.stopped, byCallback.epochs.length]).toEqual(['enough', 2]);
    const abort = new AbortController();
    const bySignal = await fit(linearModel(), data, {
      epochs: 9,
      batchSize: 8,
      signal: abort.signal,
      callbacks: [
        { name: 'abort', onStepEnd: (epoch, step) => (epoch === 1 && step === 2 ? abort.abort() : undefined) },
      ],
    });
    expect([bySignal.stopped, bySignal.epochs.length]).toEqual(['aborted', 1]);
  });

  it.each<[string, number, (abort: () => AbortSignal) => Partial<FitOptions>]>([
    ['before the training', 0, (abort) => ({ signal: abort() })],
    ['in onTrainBegin', 0, (abort) => ({ callbacks: [{ name: 'abort', onTrainBegin: () => void abort() }] })],
    ['in onEpochBegin', 0, (abort) => ({ callbacks: [{ name: 'abort', onEpochBegin: () => void abort() }] })],
    ['in onEpochEnd', 1, (abort) => ({ callbacks: [{ name: 'abort', onEpochEnd: () => void abort() }] })],
  ])('does no step after an abort %s', async (_, whole, options) => {
    const data = brighterPixel(32, 1);
    const abort = new AbortController();
    const [model, twin] = [linearModel(), linearModel()];
    const more = options(() => {
      abort.abort();
      return abort.signal;
    });
    const { stopped, epochs } = await fit(model, data, { epochs: 3, batchSize: 8, signal: abort.signal, ...more });
    expect([stopped, epochs.length]).toEqual(['aborted', whole]);
    if (whole > 0) await fit(twin, data, { epochs: whole, batchSize: 8 });
    expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(
      twin.getWeights().map((weight) => weight.dataSync()),
    );
  });

  it('does no step after an abort while a stream was read', async () => {
    const abort = new AbortController();
    const stream = streamDataset(brighterPixel(32, 1));
    const data: typeof stream = {
      ...stream,
      read(start, end) {
        abort.abort();
        return stream.read(start, end);
      },
    };
    let steps = 0;
    const { stopped } = await fit(linearModel(), data, {
      epochs: 1,
      signal: abort.signal,
      callbacks: [{ name: 'count', onStepEnd: () => void steps++ }],
    });
    expect([stopped, steps]).toEqual(['aborted', 0]);
  });

  it('ends within an epoch when a callback asks for it, with the logs of the steps done', async () => {
    const data = brighterPixel(32, 1);
    const ended: number[] = [];
    const { stopped, epochs } = await fit(linearModel(), data, {
      epochs: 9,
      batchSize: 8,
      validation: data,
      callbacks: [
        {
          name: 'stop',
          onStepEnd: (epoch, step, _logs, context) =>
            epoch === 1 && step === 1 ? context.stop('seen enough', 'step') : undefined,
          onEpochEnd: (epoch) => void ended.push(epoch),
        },
      ],
    });
    expect([stopped, ended]).toEqual(['seen enough', [0, 1]]);
    // The same two steps alone give the same means.
    const twin = linearModel();
    const first = await fit(twin, data, { epochs: 1, batchSize: 8 });
    expect(first.epochs[0].loss).toBe(epochs[0].loss);
    const seen: number[] = [];
    await fit(linearModel(), data, {
      epochs: 2,
      batchSize: 8,
      callbacks: [
        { name: 'spy', onStepEnd: (epoch, step, { loss }) => (epoch === 1 && step === 1 ? seen.push(loss) : 0) },
      ],
    });
    expect(epochs[1].loss).toBe(seen[0]);
    expect(epochs[1].valLoss).toBeGreaterThan(0);
  });

  it.each<[string, object, string]>([
    [
      'a small letter',
      { batchsize: 16 },
      "fit: unknown option 'batchsize', did you mean 'batchSize'? (known: epochs, ",
    ],
    ['a letter too few', { learningRat: 1 }, "'learningRat', did you mean 'learningRate'?"],
    ['a name like none', { optimiserOfMine: 1 }, "fit: unknown option 'optimiserOfMine' (known: epochs, "],
  ])('refuses options that it does not know: %s', async (_, options, message) => {
    await expect(fit(linearModel(), brighterPixel(4, 1), { epochs: 1, ...options })).rejects.toThrow(message);
  });

  it('takes unknown options that are undefined', async () => {
    const options = { epochs: 1, former: undefined };
    expect((await fit(linearModel(), brighterPixel(4, 1), options)).stopped).toBe('finished');
  });

  it.each(['tfjs', 'fused'] as const)('refuses a model with nothing to train (%s)', async (engine) => {
    const model = smallSparseModel();
    for (const layer of model.layers) layer.trainable = false;
    await expect(fit(model, upperOrLower(8, 1), { epochs: 1, engine })).rejects.toThrow(
      'fit: the model has nothing to train',
    );
  });

  it('refuses senseless options', async () => {
    await expect(fit(linearModel(), brighterPixel(4, 1), { epochs: 0 })).rejects.toThrow('epochs 0');
    await expect(fit(linearModel(), brighterPixel(4, 1), { epochs: 1, batchSize: 1.5 })).rejects.toThrow(
      'batchSize 1.5',
    );
  });
});
