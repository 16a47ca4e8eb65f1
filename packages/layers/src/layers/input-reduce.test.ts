import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputReduce, type InputReduceArgs, inputReduce, setBackend } from '../index.ts';
import { type KeepSettings, softKeepGradient, softKeepMask } from './keep-mask.ts';

beforeAll(() => setBackend('cpu'));

function reduce(args: InputReduceArgs, image: number[][][]): { x: number[]; mask: number[] } {
  const layer = inputReduce(args);
  const [x, mask] = layer.apply(tf.tensor4d([image])) as tf.Tensor[];
  return { x: [...x.dataSync()], mask: [...mask.dataSync()] };
}

describe('inputReduce', () => {
  it('keeps the first n pixels in raster order whose first channel exceeds the threshold, strictly', () => {
    const image = [
      [[0.5], [0.4], [0.9]],
      [[0], [0.41], [1]],
    ];
    const { x, mask } = reduce({ n: 3, threshold: 0.4 }, image);
    expect(mask).toEqual([1, 0, 1, 0, 1, 0]);
    expect(x).toEqual([0.5, 0, 0.9, 0, 0.41, 0].map(Math.fround));
  });

  it('carries the other channels of kept pixels along and tests only the first', () => {
    const { x, mask } = reduce({ n: 1, threshold: 0 }, [
      [
        [0, 7, 8],
        [2, -3, 4],
        [5, 6, 7],
      ],
    ]);
    expect(mask).toEqual([0, 1, 0]);
    expect(x.map((value) => value + 0)).toEqual([0, 0, 0, 2, -3, 4, 0, 0, 0]);
  });

  it('keeps nothing of an empty image and everything of one with fewer active pixels than n', () => {
    expect(reduce({ n: 4, threshold: 0.1 }, [[[0], [0.1]]]).mask).toEqual([0, 0]);
    expect(reduce({ n: 4, threshold: 0.1 }, [[[1], [0.2]]]).mask).toEqual([1, 1]);
  });

  it('refuses settings that cannot be built and images without a fixed size', () => {
    expect(() => inputReduce({ n: 0, name: 'r' })).toThrow("Layer 'r': n = 0; expected a number ≥ 1");
    expect(() => inputReduce({ threshold: -1 })).toThrow(/threshold = -1/);
    expect(() => inputReduce({ tauN: 0 })).toThrow(/tauN = 0/);
    expect(() => inputReduce().apply(tf.input({ shape: [null, 4, 1] }))).toThrow(/images \[batch, H, W, C\]/);
  });

  it('reads out the deployed budget, rounded half to even, and the threshold', () => {
    const layer = inputReduce({ n: 10, threshold: 0.25 });
    layer.apply(tf.input({ shape: [4, 4, 1] }));
    expect([layer.nMaxPixels, layer.threshold]).toEqual([10, 0.25]);
    layer.variables.fraction.assign(new Float32Array([0.25]));
    expect(layer.nMaxPixels).toBe(2);
    layer.variables.fraction.assign(new Float32Array([9]));
    expect(layer.nMaxPixels).toBe(40);
    layer.variables.fraction.assign(new Float32Array([0]));
    expect(layer.nMaxPixels).toBe(1);
  });
});

describe('the surrogate gradient', () => {
  const random = seededRandom(11);
  const pixels = 20;
  const scores = Float32Array.from({ length: 3 * pixels }, () => (random() < 0.3 ? 0 : random() * 2 - 0.2));
  const upstream = Float64Array.from(scores, () => random() * 2 - 1);
  const settings: KeepSettings = { n: 6.3, threshold: 0.42, tauN: 1.3, tauThreshold: 0.11 };
  const objective = (values: Float32Array, at: KeepSettings): number =>
    softKeepMask(values, pixels, at).reduce((sum, keep, j) => sum + keep * upstream[j], 0);
  const gradient = softKeepGradient(scores, (j) => upstream[j], pixels, settings);

  it('agrees with finite differences of the soft mask for threshold and budget', () => {
    const step = 1e-5;
    const slope = (name: 'threshold' | 'n'): number =>
      (objective(scores, { ...settings, [name]: settings[name] + step }) -
        objective(scores, { ...settings, [name]: settings[name] - step })) /
      (2 * step);
    expect(gradient.threshold).toBeCloseTo(slope('threshold'), 6);
    expect(gradient.n).toBeCloseTo(slope('n'), 6);
    expect(Math.abs(gradient.n)).toBeGreaterThan(1e-3);
  });

  it('agrees with finite differences for the scores', () => {
    const step = 2 ** -9;
    for (let j = 0; j < scores.length; j++) {
      if (scores[j] <= step) {
        expect(gradient.scores[j]).toBe(0);
        continue;
      }
      const moved = (by: number): Float32Array => scores.map((value, k) => (k === j ? value + by : value));
      const slope = (objective(moved(step), settings) - objective(moved(-step), settings)) / (2 * step);
      expect(gradient.scores[j]).toBeCloseTo(slope, 2);
    }
  });

  it('reaches threshold and budget through both outputs, and is absent when nothing is learned', () => {
    const image = tf.tensor4d(scores.slice(0, pixels), [1, 4, 5, 1]);
    const trained = (args: InputReduceArgs): string[] => {
      const layer = inputReduce({ n: 6, threshold: 0.42, betaN: 0, ...args });
      layer.apply(tf.input({ shape: [4, 5, 1] }));
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      if (variables.length === 0) return [];
      const { grads } = tf.variableGrads(() => {
        const [x, mask] = layer.apply(image, { training: true }) as tf.Tensor[];
        return tf.sum(tf.add(tf.mul(x, 2), mask)) as tf.Scalar;
      }, variables);
      return layer.trainableWeights
        .filter((weight) => grads[weight.name].dataSync()[0] !== 0)
        .map((weight) => weight.originalName.split('/').at(-1) as string);
    };
    expect(trained({})).toEqual(['threshold', 'n_frac']);
    expect(trained({ learnN: false })).toEqual(['threshold']);
    expect(trained({ learnN: false, learnThreshold: false })).toEqual([]);
  });
});

describe('loss terms of inputReduce', () => {
  /** Losses and their gradients after a training pass over `images`. */
  function losses(layer: InputReduce, images: tf.Tensor): { value: number; gradient: number[] } {
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(() => {
      layer.apply(images, { training: true });
      return layer.calculateLosses().reduce<tf.Scalar>((sum, term) => tf.add(sum, term), tf.scalar(0));
    }, variables);
    return { value: value.dataSync()[0], gradient: variables.map((variable) => grads[variable.name].dataSync()[0]) };
  }

  it('charges betaN per pixel of the real-valued budget', () => {
    const layer = inputReduce({ n: 20, betaN: 0.01, learnThreshold: false });
    layer.apply(tf.input({ shape: [2, 2, 1] }));
    layer.variables.fraction.assign(new Float32Array([0.625]));
    const { value, gradient } = losses(layer, tf.zeros([1, 2, 2, 1]));
    expect(value).toBeCloseTo(0.125, 6);
    expect(gradient[0]).toBeCloseTo(0.2, 6);
  });

  it('charges the masked share of the intensity, with the gradient of that very term', () => {
    const layer = inputReduce({ n: 4, threshold: 0.4, betaN: 0, betaMaskedE: 2, tauThreshold: 0.1 });
    layer.apply(tf.input({ shape: [3, 3, 1] }));
    const random = seededRandom(5);
    const images = tf.tensor4d(
      Float32Array.from({ length: 18 }, () => Math.max(0, random() - 0.2)),
      [2, 3, 3, 1],
    );
    const { threshold, fraction } = layer.variables;
    const at = (theta: number, f: number): ReturnType<typeof losses> => {
      threshold.assign(new Float32Array([theta]));
      fraction.assign(new Float32Array([f]));
      return losses(layer, images);
    };
    const step = 2 ** -8;
    const [dTheta, dFraction] = at(0.375, 1).gradient;
    expect(dTheta).toBeCloseTo((at(0.375 + step, 1).value - at(0.375 - step, 1).value) / (2 * step), 2);
    expect(dFraction).toBeCloseTo((at(0.375, 1 + step).value - at(0.375, 1 - step).value) / (2 * step), 2);
    expect(dTheta).toBeGreaterThan(0);
    expect(dFraction).toBeLessThan(0);
  });

  it('counts negative pixels as no intensity', () => {
    const layer = inputReduce({ n: 4, threshold: 0.5, betaN: 0, betaMaskedE: 1 });
    layer.apply(tf.input({ shape: [2, 2, 1] }));
    const charged = (pixels: number[]): ReturnType<typeof losses> => losses(layer, tf.tensor4d(pixels, [1, 2, 2, 1]));
    const [balanced, positive] = [charged([0.3, -1.2, 0.9, 0]), charged([0.3, 0, 0.9, 0])];
    expect(balanced).toEqual(positive);
    expect(balanced.value).toBeGreaterThan(0);
    expect(balanced.value).toBeLessThan(1);
    expect(charged([-0.3, -0.1, -2, -0]).value).toBe(0);
  });

  it('charges the masked intensity in a hand-written loop, where model.apply has disposed the input', () => {
    const input = tf.input({ shape: [2, 2, 1] });
    const layer = inputReduce({ n: 4, threshold: 0.5, betaN: 0, betaMaskedE: 1 });
    const model = tf.model({
      inputs: input,
      outputs: layer.apply(tf.layers.reLU().apply(input)) as tf.SymbolicTensor[],
    });
    const images = tf.tensor4d([0.3, 0.4, 0.6, 0.9], [1, 2, 2, 1]);
    const { value, grads } = tf.variableGrads(() => {
      model.apply(images, { training: true });
      return model.calculateLosses()[0];
    });
    expect(value.dataSync()[0]).toBeGreaterThan(0.1);
    expect(Object.values(grads)[0].dataSync()[0]).toBeGreaterThan(0);
  });

  it('is not charged outside training', () => {
    const layer = inputReduce({ betaN: 0, betaMaskedE: 1 });
    layer.apply(tf.ones([1, 2, 2, 1]));
    expect(layer.calculateLosses().map((term) => term.dataSync()[0])).toEqual([0]);
    expect(layer).toBeInstanceOf(InputReduce);
  });
});
