import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';

/** Seeded tensor of numbers between −1 and 1. */
export function randomTensor(shape: readonly number[], seed: number): tf.Tensor {
  const random = seededRandom(seed);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => 2 * random() - 1),
    [...shape],
  );
}

/** Seeded tensor of multiples of 2^-f between −1 and 1. */
export function gridTensor(shape: readonly number[], seed: number, f: number): tf.Tensor {
  return tf.tidy(() => tf.div(tf.round(tf.mul(randomTensor(shape, seed), 2 ** f)), 2 ** f));
}

/** Largest absolute difference of two tensors of one shape. */
export function largestDifference(a: tf.Tensor, b: tf.Tensor): number {
  if (a.shape.join() !== b.shape.join()) throw new Error(`shapes [${a.shape}] and [${b.shape}] differ`);
  const [left, right] = [a.dataSync<'float32'>(), b.dataSync<'float32'>()];
  return left.reduce((largest, value, j) => Math.max(largest, Math.abs(value - right[j])), 0);
}

/**
 * Largest deviation of the gradient of `loss` from central differences, relative to the gradient's largest element, over
 * all elements of all arguments. Arguments are float32: choose losses without kinks near them.
 */
export function gradientDeviation(
  loss: (...args: tf.Tensor[]) => tf.Scalar,
  args: readonly tf.Tensor[],
  step: number = 1 / 64,
): number {
  const exact = tf.grads(loss as (...args: tf.Tensor[]) => tf.Tensor)([...args]);
  let largest = 0;
  for (const [index, arg] of args.entries()) {
    const gradient = exact[index].dataSync<'float32'>();
    const scale = gradient.reduce((norm, g) => Math.max(norm, Math.abs(g)), 1e-3);
    const values = arg.dataSync<'float32'>();
    for (let j = 0; j < values.length; j++) {
      const at = (shift: number): number =>
        tf.tidy(() => {
          const moved = Float32Array.from(values, (value, k) => (k === j ? value + shift : value));
          const all = args.map((other, k) => (k === index ? tf.tensor(moved, arg.shape) : other));
          return loss(...all).dataSync<'float32'>()[0];
        });
      largest = Math.max(largest, Math.abs((at(step) - at(-step)) / (2 * step) - gradient[j]) / scale);
    }
  }
  return largest;
}

/** Quantizers that change nothing, for layers with a kernel. */
export const unquantised = { enableIq: false, kqConf: { qType: 'dummy' }, bqConf: { qType: 'dummy' } } as const;
