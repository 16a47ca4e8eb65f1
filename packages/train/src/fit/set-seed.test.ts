import { inputReduce, modelState, qConv2DSparse, qDense, setBackend, sparseFlatten } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upperOrLower } from '../../test/small-sparse-model.ts';
import { type FitOptions, fit } from './fit.ts';
import { defaultSeed, setSeed } from './set-seed.ts';

beforeAll(() => setBackend('wasm'));
afterAll(() => setSeed(0));

const data = upperOrLower(64, 1);

/** No layer has a seed. */
function sparse(): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 1] });
  const reduced = inputReduce({ n: 5, threshold: 0.2 }).apply(input) as tf.SymbolicTensor[];
  const conv = qConv2DSparse({ filters: 2, kernelSize: 3, activation: 'relu' }).apply(reduced) as tf.SymbolicTensor;
  const flat = sparseFlatten().apply([conv, reduced[1]]);
  return tf.model({ inputs: input, outputs: qDense({ units: 2 }).apply(flat) as tf.SymbolicTensor });
}

function stock(): tf.LayersModel {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape: [6, 6, 1] }));
  model.add(tf.layers.dense({ units: 8, activation: 'relu', kernelInitializer: 'heNormal' }));
  model.add(tf.layers.dropout({ rate: 0.5 }));
  model.add(tf.layers.dense({ units: 2, kernelInitializer: 'orthogonal' }));
  return model;
}

async function run(seed: number, make: () => tf.LayersModel, options: Partial<FitOptions> = {}) {
  setSeed(seed);
  const model = make();
  const start = values(model);
  const { epochs } = await fit(model, data, { epochs: 2, batchSize: 16, ...options });
  return { start, losses: epochs.map(({ loss }) => loss), end: values(model) };
}

const values = (model: tf.LayersModel): number[][] => [...modelState(model).values()].map((state) => [...state.values]);

describe('setSeed', () => {
  it.each([
    ['a sparse network', sparse, {}],
    ['a sparse network on tensors', sparse, { engine: 'tfjs' }],
    ['layers of TensorFlow.js with dropout', stock, {}],
  ] as const)('makes a whole run of %s repeatable', async (_name, make, options) => {
    const first = await run(5, make, options);
    const second = await run(5, make, options);
    expect(second).toEqual(first);
    const other = await run(6, make, options);
    expect(other.start).not.toEqual(first.start);
    expect(other.losses).not.toEqual(first.losses);
  });

  it('gives the same numbers in every process', async () => {
    // Recorded in another one.
    const { losses } = await run(5, sparse);
    for (const [epoch, loss] of [1.1106522924, 1.107943027915].entries()) expect(losses[epoch]).toBeCloseTo(loss, 5);
  });

  it('goes on drawing: two models made after one call differ, and Math.random is left alone', () => {
    setSeed(1);
    const [a, b] = [stock(), stock()];
    for (const model of [a, b]) model.build([null, 6, 6, 1]);
    expect(values(a)).not.toEqual(values(b));
    expect(Math.random()).not.toBe(Math.random());
    expect(defaultSeed()).toBe(1);
  });

  it('leaves dropout to the seed of fit, so that a training goes on as it would have', async () => {
    const once = await run(3, stock, { epochs: 3 });
    setSeed(3);
    const model = stock();
    const { adam } = await import('./adam.ts');
    const optimizer = adam();
    await fit(model, data, { epochs: 1, batchSize: 16, optimizer });
    await fit(model, data, { epochs: 3, initialEpoch: 1, batchSize: 16, optimizer });
    expect(values(model)).toEqual(once.end);
  });

  it('refuses what is no whole number', () => {
    expect(() => setSeed(0.5)).toThrow('setSeed: 0.5 is not a whole number');
    expect(() => setSeed('7' as never)).toThrow('setSeed: 7 is not a whole number');
  });
});
