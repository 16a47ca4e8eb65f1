/**
 * Batch statistics per channel (last axis), in double precision and differentiable, so that they do not depend on how a
 * backend sums.
 */
import type * as tf from '@tensorflow/tfjs';
import { hostOp } from './host-op.ts';

/** Mean over all axes but the last: `[…, C] → [C]`. */
export function channelMean(x: tf.Tensor): tf.Tensor1D {
  return hostOp([x], ([values]) => {
    const channels = channelsOf(x);
    const count = values.length / channels;
    return {
      values: Float32Array.from(meanPerChannel(values, channels)),
      shape: [channels],
      gradient: (dy) => [Float32Array.from(values, (_, j) => dy[j % channels] / count)],
    };
  }) as tf.Tensor1D;
}

/** Population variance over all axes but the last: `[…, C] → [C]`. */
export function channelVariance(x: tf.Tensor): tf.Tensor1D {
  return hostOp([x], ([values]) => {
    const channels = channelsOf(x);
    const count = values.length / channels;
    const means = meanPerChannel(values, channels);
    const sums = new Float64Array(channels);
    for (let j = 0, c = 0; j < values.length; j++, c++) {
      if (c === channels) c = 0;
      sums[c] += (values[j] - means[c]) ** 2;
    }
    return {
      values: Float32Array.from(sums, (sum) => sum / count),
      shape: [channels],
      gradient: (dy) => [
        Float32Array.from(values, (value, j) => (2 * dy[j % channels] * (value - means[j % channels])) / count),
      ],
    };
  }) as tf.Tensor1D;
}

/** `gamma / √(variance + epsilon)` per channel; `gamma` null stands for ones. */
export function normalisingScale(gamma: tf.Tensor | null, variance: tf.Tensor, epsilon: number): tf.Tensor1D {
  const inputs = gamma == null ? [variance] : [variance, gamma];
  return hostOp(inputs, ([variances, gammas]) => {
    const inverse = Float64Array.from(variances, (value) => 1 / Math.sqrt(value + epsilon));
    const factor = (c: number): number => gammas?.[c] ?? 1;
    return {
      values: Float32Array.from(inverse, (value, c) => factor(c) * value),
      shape: variance.shape,
      gradient: (dy) => {
        const dVariance = Float32Array.from(inverse, (value, c) => -0.5 * dy[c] * factor(c) * value ** 3);
        return gamma == null ? [dVariance] : [dVariance, dy.map((g, c) => g * inverse[c])];
      },
    };
  }) as tf.Tensor1D;
}

function meanPerChannel(values: Float32Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let j = 0, c = 0; j < values.length; j++, c++) {
    if (c === channels) c = 0;
    sums[c] += values[j];
  }
  return sums.map((sum) => sum / (values.length / channels));
}

function channelsOf(x: tf.Tensor): number {
  return x.shape[x.rank - 1];
}
