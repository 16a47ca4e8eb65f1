import * as tf from '@tensorflow/tfjs';
import { rememberEngineLoss } from '../engine/engine-loss.ts';
import { OptionError } from '../option-error.ts';

/**
 * Loss of a batch: `labels` are the class indices `[batch]` (int32), `outputs` the model's output. Returns a scalar, the mean over the batch.
 */
export type LossFunction = (labels: tf.Tensor1D, outputs: tf.Tensor) => tf.Scalar;

/**
 * Losses with a name. 'softmaxCrossEntropy' expects logits, 'crossEntropy' probabilities, 'sigmoidCrossEntropy' one logit per image;
 * 'meanSquaredError' compares with 1 for the image's class and 0 for the others, or one output with the label.
 */
export type LossName = 'softmaxCrossEntropy' | 'crossEntropy' | 'sigmoidCrossEntropy' | 'meanSquaredError';

/** Smallest probability that 'crossEntropy' tells from 0 (Keras' backend epsilon). */
const smallest = 1e-7;

/** The loss function called `name`. */
export function lossFunction(name: LossName): LossFunction {
  switch (name) {
    case 'softmaxCrossEntropy':
      return softmaxCrossEntropy();
    case 'crossEntropy':
      return (labels, outputs) => {
        const clipped = tf.clipByValue(tf.div(outputs, tf.sum(outputs, 1, true)), smallest, 1 - smallest);
        return tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(labels, outputs.shape[1] ?? 1), tf.log(clipped)), 1)));
      };
    case 'sigmoidCrossEntropy':
      // max(z, 0) − z·y + log(1 + e^−|z|): no overflow on either side.
      return rememberEngineLoss({ kind: 'sigmoidCrossEntropy' }, (labels, outputs) => {
        const z = tf.reshape(outputs, [-1]);
        const y = tf.cast(labels, 'float32');
        return tf.mean(tf.add(tf.sub(tf.relu(z), tf.mul(z, y)), tf.log1p(tf.exp(tf.neg(tf.abs(z))))));
      });
    case 'meanSquaredError':
      return rememberEngineLoss({ kind: 'meanSquaredError' }, (labels, outputs) => {
        const width = outputs.shape[1] ?? 1;
        const target = width === 1 ? tf.reshape(labels, [-1, 1]) : tf.oneHot(labels, width);
        return tf.mean(tf.square(tf.sub(tf.reshape(outputs, [-1, width]), tf.cast(target, 'float32'))));
      });
    default:
      throw new OptionError(`unknown loss '${String(name satisfies never)}'`);
  }
}

/** Settings of `softmaxCrossEntropy`. */
export interface SoftmaxCrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes; holds logits back from growing without end. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of `softmax(logits)` and the target `(1 − s)·oneHot(label) + s/classes`, mean over the batch (Keras'
 * `CategoricalCrossentropy` with `from_logits` and `label_smoothing`).
 *
 * @throws OptionError unless `0 ≤ labelSmoothing < 1`.
 */
export function softmaxCrossEntropy({ labelSmoothing = 0 }: SoftmaxCrossEntropyOptions = {}): LossFunction {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new OptionError(`softmaxCrossEntropy: labelSmoothing ${labelSmoothing} is not in [0, 1)`);
  }
  return rememberEngineLoss({ kind: 'softmaxCrossEntropy', labelSmoothing }, (labels, outputs) => {
    const classes = outputs.shape[1] ?? 1;
    // Not oneHot's own on and off values: the wasm kernel writes them as integers.
    const hot = tf.cast(tf.oneHot(labels, classes), 'float32');
    const target = labelSmoothing === 0 ? hot : tf.add(tf.mul(hot, 1 - labelSmoothing), labelSmoothing / classes);
    return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(outputs)), 1)));
  });
}

/** Number of images in a batch that `outputs` (row-major, `width` numbers per image) put in the right class. One output: > 0 means class 1. */
export function countCorrect(outputs: Float32Array, width: number, labels: Int32Array): number {
  let correct = 0;
  for (let j = 0; j < labels.length; j++) {
    let best = 0;
    if (width === 1) best = outputs[j] > 0 ? 1 : 0;
    else for (let c = 1; c < width; c++) if (outputs[j * width + c] > outputs[j * width + best]) best = c;
    if (best === labels[j]) correct++;
  }
  return correct;
}
