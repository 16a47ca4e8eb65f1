import type * as tf from '@tensorflow/tfjs';

/** Loss of a batch from targets and outputs: a scalar, or one number per example, of which the mean counts. Any targets, not classes only. */
export type TensorLoss = (targets: tf.Tensor, outputs: tf.Tensor) => tf.Tensor;
