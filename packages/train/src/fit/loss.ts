import * as tf from '@tensorflow/tfjs';
import { type EngineLoss, rememberEngineLoss } from '../engine/engine-loss.ts';
import type { LossFunction, LossName } from '../engine/loss-function.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';

/** Smallest probability that the losses of probabilities tell from 0 (Keras' backend epsilon). */
const smallest = 1e-7;

/**
 * The loss function called `name`, of the model's outputs. Probabilities below 1e-7 count as that, without a gradient, as in Keras; `fit` and
 * `evaluate` take the logits behind a softmax or sigmoid instead, where nothing has to be cut off.
 *
 * @throws OptionError for another name.
 */
export function lossFunction(name: LossName): LossFunction {
  switch (name) {
    case 'softmaxCrossEntropy':
      return softmaxCrossEntropy();
    case 'crossEntropy':
      return crossEntropy();
    case 'sigmoidCrossEntropy':
      return rememberEngineLoss({ kind: 'sigmoidCrossEntropy' }, sigmoidCrossEntropy);
    case 'binaryCrossEntropy':
      return known({ kind: 'binaryCrossEntropy' }, (labels, outputs) => {
        const p = tf.clipByValue(rows(outputs), smallest, 1 - smallest);
        const target = targets(labels, p.shape[1]);
        const right = tf.mul(target, tf.log(p));
        return tf.neg(tf.mean(tf.add(right, tf.mul(tf.sub(1, target), tf.log(tf.sub(1, p)))), 1));
      });
    case 'meanSquaredError':
      return known({ kind: 'meanSquaredError' }, (labels, outputs) => {
        const values = rows(outputs);
        return tf.mean(tf.square(tf.sub(values, targets(labels, values.shape[1]))), 1);
      });
    default:
      throw new OptionError(
        `unknown loss '${String(name satisfies never)}' (known: softmaxCrossEntropy, crossEntropy, sigmoidCrossEntropy, binaryCrossEntropy, meanSquaredError)`,
      );
  }
}

/** Settings of `softmaxCrossEntropy` and `crossEntropy`. */
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
export function softmaxCrossEntropy(options: SoftmaxCrossEntropyOptions = {}): LossFunction {
  checkOptionNames(options, ['labelSmoothing'], 'softmaxCrossEntropy');
  const { labelSmoothing = 0 } = options;
  checkSmoothing('softmaxCrossEntropy', labelSmoothing);
  return known({ kind: 'softmaxCrossEntropy', labelSmoothing }, (labels, outputs) => {
    const target = smoothed(targets(labels, outputs.shape[1] ?? 1, true), labelSmoothing);
    return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(outputs)), 1));
  });
}

/**
 * Cross-entropy of probabilities and the target of `softmaxCrossEntropy` (Keras' `CategoricalCrossentropy`): divided by their sum, cut off at
 * 1e-7 and 1 − 1e-7, and without a gradient beyond. Of a model that ends in softmax, `fit` and `evaluate` take the logits behind it instead.
 *
 * @throws OptionError unless `0 ≤ labelSmoothing < 1`.
 */
export function crossEntropy(options: SoftmaxCrossEntropyOptions = {}): LossFunction {
  checkOptionNames(options, ['labelSmoothing'], 'crossEntropy');
  const { labelSmoothing = 0 } = options;
  checkSmoothing('crossEntropy', labelSmoothing);
  return known({ kind: 'crossEntropy', labelSmoothing }, (labels, outputs) => {
    const target = smoothed(targets(labels, outputs.shape[1] ?? 1, true), labelSmoothing);
    // All probabilities of a quantised softmax can be 0: that is no reason to become NaN.
    const sum = tf.maximum(tf.sum(outputs, 1, true), 1e-15);
    const clipped = tf.clipByValue(tf.div(outputs, sum), smallest, 1 - smallest);
    return tf.neg(tf.sum(tf.mul(target, tf.log(clipped)), 1));
  });
}

/**
 * Cross-entropy of the logistic function of each output, mean over outputs and batch: `max(z, 0) − z·y + log(1 + e^−|z|)`, no overflow on
 * either side.
 */
export const sigmoidCrossEntropy: LossFunction = averaged((labels, outputs) => {
  const z = rows(outputs);
  const y = targets(labels, z.shape[1]);
  return tf.mean(tf.add(tf.sub(tf.relu(z), tf.mul(z, y)), tf.log1p(tf.exp(tf.neg(tf.abs(z))))), 1);
});

/** Loss of every image of a batch. */
type ImageLoss = (labels: tf.Tensor1D, outputs: tf.Tensor) => tf.Tensor;

function averaged(losses: ImageLoss): LossFunction {
  return (labels, outputs, weights) => {
    const all = losses(labels, outputs);
    return tf.mean(weights === undefined ? all : tf.mul(all, weights));
  };
}

function known(loss: EngineLoss, losses: ImageLoss): LossFunction {
  return rememberEngineLoss(loss, averaged(losses));
}

function checkSmoothing(where: string, labelSmoothing: number): void {
  if (labelSmoothing >= 0 && labelSmoothing < 1) return;
  throw new OptionError(`${where}: labelSmoothing ${labelSmoothing} is not in [0, 1)`);
}

function smoothed(target: tf.Tensor2D, labelSmoothing: number): tf.Tensor2D {
  if (labelSmoothing === 0) return target;
  return tf.add(tf.mul(target, 1 - labelSmoothing), labelSmoothing / target.shape[1]);
}

function rows(outputs: tf.Tensor): tf.Tensor2D {
  return tf.reshape(outputs, [outputs.shape[0] ?? 1, -1]);
}

/** 1 for the class and 0 for the others; with one output the label itself. One-hot labels are taken as they are. */
function targets(labels: tf.Tensor, width: number, always = false): tf.Tensor2D {
  if (labels.rank === 2) {
    if (labels.shape[1] === width) return tf.cast(labels as tf.Tensor2D, 'float32');
    throw new OptionError(`the loss: labels [${labels.shape.join(', ')}] for ${width} outputs; give as many columns`);
  }
  if (width === 1) {
    if (!always) return tf.cast(tf.reshape(labels, [-1, 1]), 'float32');
    throw new OptionError(
      "the loss: a cross-entropy of all classes needs two outputs or more, the model has one; use 'binaryCrossEntropy' for a probability, 'sigmoidCrossEntropy' for a logit",
    );
  }
  // Not oneHot's own on and off values: the wasm kernel writes them as integers.
  return tf.cast(tf.oneHot(tf.cast(labels as tf.Tensor1D, 'int32'), width), 'float32') as tf.Tensor2D;
}
