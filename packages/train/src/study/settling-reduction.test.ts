import { collectInputReduces, inputReduce, qConv2DSparse, qDense, setBackend, sparseFlatten } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { engineParity } from '../../test/support/engine-parity.ts';
import type { Dataset } from '../data/dataset.ts';
import { randomSource } from '../data/random.ts';
import { fit } from '../fit/fit.ts';
import { type SettlingReduction, settlingReduction } from './settling-reduction.ts';

beforeAll(async () => {
  await setBackend('wasm');
});

/** Images with signal from 0.5 on and noise up to 0.2 in a fifth of the other pixels. */
function noisy(count: number, seed: number): Dataset {
  const data = upperOrLower(count, seed);
  const random = randomSource(seed, 7);
  return {
    ...data,
    images: data.images.map((value) => (value === 0 && random.unit() < 0.2 ? 0.2 * random.unit() : value)),
  };
}

function modelWith({ reduce }: SettlingReduction, name = 'reduce'): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
  const input = tf.input({ shape: [6, 6, 1] });
  const [x, mask] = inputReduce({ name, ...reduce }).apply(input) as tf.SymbolicTensor[];
  const iqConf = { i0: 2, f0: 5 };
  const conv = qConv2DSparse({ filters: 2, kernelSize: 3, activation: 'relu', kernelInitializer, iqConf });
  const flat = sparseFlatten().apply([conv.apply([x, mask]) as tf.SymbolicTensor, mask]);
  const logits = qDense({ units: 2, kernelInitializer, iqConf }).apply(flat);
  return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor });
}

describe('settlingReduction', () => {
  /** Two 2 × 2 images with a second channel that must never be looked at. */
  const dataset: Dataset = {
    images: Float32Array.of(0, 9, 0.5, 9, 1, 9, 0.25, 9, /* second image */ 0.5, 9, 0, 9, 0, 9, 0, 9),
    labels: Int32Array.of(1, 0),
    shape: [2, 2, 2],
    classes: 2,
  };

  it('ties price and softness to the budget and to the intensity of channel 0', () => {
    const { reduce } = settlingReduction(dataset, { n: 10, threshold: 0.1 });
    // Σ s² / Σ s of 0.5, 1, 0.25, 0.5.
    expect(reduce).toMatchObject({ n: 10, threshold: 0.1, betaMaskedE: 0.5 });
    expect(reduce.betaN).toBeCloseTo(0.03, 12);
    expect(reduce.tauThreshold).toBeCloseTo(0.01 * (1.5625 / 2.25), 12);
    const plain = settlingReduction(dataset).reduce;
    expect(plain).toMatchObject({ n: 30, threshold: 0 });
    expect(plain.betaN).toBeCloseTo(0.01, 12);
  });

  it('lets the other layers begin alone', () => {
    const { rates } = settlingReduction(dataset, { layer: 'first', warmUp: 3 });
    expect(['first/threshold', 'first/n_frac', 'conv/kernel'].map((variable) => rates(variable, 2))).toEqual([0, 0, 1]);
    expect(rates('first/threshold', 3)).toBe(1);
  });

  it('is the same setting for both engines, step by step', () => {
    const data = noisy(64, 3);
    const result = engineParity(modelWith(settlingReduction(data, { n: 8, threshold: 0.1 })), data, {
      steps: 10,
      batchSize: 16,
    });
    expect(result.readOuts.engine).toBe(result.readOuts.tfjs);
    expect(result.correct.engine).toEqual(result.correct.tfjs);
    expect(Math.max(result.loss, result.gradient, result.variable), result.worst).toBeLessThan(1e-4);
  });

  it.each(['fused', 'tfjs'] as const)(
    'ends in the middle between noise and signal, and stays there (%s)',
    async (engine) => {
      const data = noisy(256, 5);
      const settling = settlingReduction(data, { n: 8 });
      const said: string[] = [];
      const thresholds: number[] = [];
      const model = modelWith(settling);
      const [reduction] = collectInputReduces(model);
      await fit(model, data, {
        epochs: 8,
        batchSize: 16,
        learningRate: 1e-2,
        engine,
        rates: settling.rates,
        say: (line) => void said.push(line),
        callbacks: [settling.callback, { name: 'spy', onEpochEnd: () => void thresholds.push(reduction.threshold) }],
      });
      const brightest = data.images.reduce((most, value) => (value < 0.3 && value > most ? value : most), 0);
      const middle = Math.fround((brightest + 0.5) / 2);
      const settled = thresholds.indexOf(middle);
      expect(thresholds.slice(0, 2)).toEqual([0, 0]);
      // It learns until it is near the gap, from half of the epochs on.
      expect(thresholds[2]).toBeGreaterThan(0);
      expect(settled).toBeGreaterThanOrEqual(3);
      expect(thresholds.slice(settled)).toEqual(Array(8 - settled).fill(middle));
      expect(said.filter((line) => line.startsWith('settlingReduction: threshold'))).toHaveLength(1);
      expect(said.join()).toContain(`between the values ${brightest.toPrecision(4)} and 0.5000`);
    },
  );

  it('leaves a threshold where noise and signal overlap, and one that is not learned', async () => {
    const random = randomSource(1);
    const data = upperOrLower(256, 5);
    const grey = { ...data, images: data.images.map(() => random.unit()) };
    const said: string[] = [];
    const [model, settling] = [smallSparseModel(), settlingReduction(grey, { warmUp: 0 })];
    const [{ threshold }] = collectInputReduces(model);
    const options = { epochs: 2, rates: () => 0, say: (line: string) => void said.push(line) };
    await fit(model, grey, { ...options, callbacks: [settling.callback] });
    expect(said.filter((line) => line.includes('is in no gap: values lie close together there'))).toHaveLength(1);
    expect(collectInputReduces(model)[0].threshold).toBe(threshold);

    const fixed = settlingReduction(data, { threshold: 0.1, warmUp: 0 });
    const held = modelWith({ ...fixed, reduce: { ...fixed.reduce, learnThreshold: false } });
    await fit(held, data, { ...options, callbacks: [fixed.callback] });
    expect(collectInputReduces(held)[0].threshold).toBeCloseTo(0.1, 6);
  });

  it('refuses what has no scale or makes no sense, and models without such a layer', async () => {
    const dark = { ...dataset, images: dataset.images.map((value, p) => (p % 2 === 0 ? -value : value)) };
    expect(() => settlingReduction(dark)).toThrow('sum of intensities above 0 in the first channel is 0');
    expect(() => settlingReduction(dataset, { n: 0 })).toThrow('n 0');
    expect(() => settlingReduction(dataset, { threshold: -1 })).toThrow('threshold -1');
    expect(() => settlingReduction(dataset, { warmUp: 0.5 })).toThrow('warmUp 0.5');
    const data = upperOrLower(32, 1);
    const { callback } = settlingReduction(data, { layer: 'first' });
    await expect(fit(smallSparseModel(), data, { epochs: 1, callbacks: [callback] })).rejects.toThrow(
      "settlingReduction: the model has no inputReduce called 'first', but 'reduce'; give its name as layer",
    );
  });
});
