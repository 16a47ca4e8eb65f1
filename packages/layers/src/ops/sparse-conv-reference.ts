import type * as tf from '@tensorflow/tfjs';
import { addSparseBias } from './sparse-bias.ts';
import type { SparseConvOperands } from './sparse-conv.ts';
import { conv2d, mul } from './tf.ts';

/**
 * `mask · act(bias ⊕ oq(conv(q(features · mask), kernel)))` on whole images: the plain statement of what a sparse convolution
 * is (sparsepixels §1.2). Slow; used for settings that `sparseConv` does not cover, and as its oracle.
 */
export function sparseConvReference(
  { features, mask, kernel, bias }: SparseConvOperands,
  activation: (x: tf.Tensor) => tf.Tensor,
  quantise: (x: tf.Tensor) => tf.Tensor,
  quantiseSums: (y: tf.Tensor) => tf.Tensor = (y) => y,
): tf.Tensor {
  const x = quantise(mul(features, mask)) as tf.Tensor4D;
  const y = quantiseSums(conv2d(x, kernel as tf.Tensor4D, 1, 'same'));
  return mul(activation(bias == null ? y : addSparseBias(y, bias)), mask);
}
