import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientDeviation, largestDifference, randomTensor } from '../../test/support/compare.ts';
import { setBackend } from '../index.ts';
import { channelMean, channelVariance, normalisingScale } from './moments.ts';

beforeAll(() => setBackend('cpu'));

describe('moments', () => {
  const x = (): tf.Tensor => randomTensor([3, 2, 2, 3], 1);

  it('agree with tf.moments', () => {
    const { mean, variance } = tf.moments(x(), [0, 1, 2]);
    expect(largestDifference(channelMean(x()), mean)).toBeLessThan(1e-6);
    expect(largestDifference(channelVariance(x()), variance)).toBeLessThan(1e-6);
  });

  it('have the gradients that finite differences show', () => {
    const weighted = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, tf.tensor1d([0.5, -1, 2])));
    expect(gradientDeviation((a) => weighted(channelMean(a)), [x()])).toBeLessThan(1e-3);
    expect(gradientDeviation((a) => weighted(channelVariance(a)), [x()])).toBeLessThan(1e-3);
    const variance = tf.tensor1d([0.25, 0.5, 2]);
    const gamma = tf.tensor1d([1, -0.5, 3]);
    expect(gradientDeviation((v) => weighted(normalisingScale(null, v, 0.1)), [variance])).toBeLessThan(5e-3);
    expect(gradientDeviation((v, g) => weighted(normalisingScale(g, v, 0.1)), [variance, gamma])).toBeLessThan(5e-3);
  });

  it('keep small variances on top of large means, where float32 sums lose them', () => {
    const values = Float32Array.from({ length: 1000 }, (_, j) => 4096 + (j % 2) / 1024);
    expect(channelVariance(tf.tensor2d(values, [1000, 1])).dataSync()[0]).toBeCloseTo((1 / 2048) ** 2, 12);
  });
});
