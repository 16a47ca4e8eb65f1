import type { TensorLoss } from '@sp/train/internal';
import * as tf from '@tensorflow/tfjs';

/** Keras' losses by name, one number per example. */
export const LOSSES: Readonly<Record<string, TensorLoss>> = {
  mean_squared_error: (y, out) => tf.mean(tf.square(tf.sub(out, y)), -1),
  categorical_crossentropy: (y, out) =>
    tf.neg(tf.sum(tf.mul(y, tf.log(tf.clipByValue(tf.div(out, tf.sum(out, -1, true)), 1e-7, 1 - 1e-7))), -1)),
  'categorical_crossentropy(from_logits)': (y, out) =>
    tf.neg(tf.sum(tf.mul(y, tf.sub(out, tf.log(tf.sum(tf.exp(out), -1, true)))), -1)),
  binary_crossentropy: (y, out) => {
    const p = tf.clipByValue(out, 1e-7, 1 - 1e-7);
    return tf.neg(tf.mean(tf.add(tf.mul(y, tf.log(p)), tf.mul(tf.sub(1, y), tf.log(tf.sub(1, p)))), -1));
  },
};
