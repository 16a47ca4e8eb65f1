import * as tf from '@tensorflow/tfjs';
import { type Dataset, sliceImages } from '../../data/dataset.ts';
import { randomSource } from '../../data/random.ts';
import { engineLossOf } from '../../engine/engine-loss.ts';
import type { LossFunction, LossName } from '../../engine/loss-function.ts';
import { lossFunction } from '../../fit/loss.ts';
import { drawingFrom } from '../../fit/set-seed.ts';
import { taskOf } from '../../fit/task.ts';
import { inTidy } from '../in-tidy.ts';
import type { MaskOptions } from '../masks/get-model-masks.ts';
import type { RankingMetric } from '../masks/scores.ts';
import { getModelGradients } from '../training/get-model-gradients.ts';
import { getModelHessians, type HessianOptions } from '../training/get-model-hessians.ts';
import type { TensorLoss } from '../training/tensor-loss.ts';

/** What derivatives are computed from, and how. */
export interface DerivativeSettings {
  readonly data: Dataset;
  readonly loss: LossName | LossFunction | undefined;
  /** Most images. */
  readonly images: number;
  readonly method: HessianOptions['method'];
  readonly seed: number;
  readonly stream: readonly number[];
}

/** The derivatives that a ranking needs; none for norms. */
export function groupDerivatives(
  model: tf.LayersModel,
  ranking: RankingMetric,
  { data, loss, images, method, seed, stream }: DerivativeSettings,
): Pick<MaskOptions, 'gradients' | 'hessians'> {
  if (ranking === 'l1' || ranking === 'l2') return {};
  const some = images >= data.labels.length ? data : sliceImages(data, 0, images);
  return inTidy(() => {
    const x = tf.tensor(some.images, [some.labels.length, ...some.shape]);
    const y = tf.tensor1d(some.labels, 'int32');
    const of = tensorLoss(model, loss);
    // Dropout and noise draw random numbers in training.
    return drawingFrom(randomSource(seed, ...stream), () =>
      ranking === 'oracle'
        ? { gradients: getModelGradients(model, of, x, y, { batchSize: 256 }) }
        : { hessians: getModelHessians(model, of, x, y, method === undefined ? {} : { method }) },
    );
  });
}

/** The loss of the training, of operations that can be differentiated twice. */
function tensorLoss(model: tf.LayersModel, given: LossName | LossFunction | undefined): TensorLoss {
  const { engineLoss, name } = taskOf(model, given, 'optimizeModel');
  const own = typeof given === 'function' ? given : lossFunction(name === 'own' ? 'crossEntropy' : name);
  const known = engineLossOf(own) ?? engineLoss;
  if (known?.kind !== 'softmaxCrossEntropy') return (labels, outputs) => own(labels as tf.Tensor1D, outputs);
  const { labelSmoothing = 0 } = known;
  // As `tf.logSoftmax`, which has a gradient of its own.
  return (labels, logits) => {
    const classes = logits.shape[1] ?? 1;
    const target = tf.cast(tf.oneHot(tf.cast(labels as tf.Tensor1D, 'int32'), classes), 'float32');
    const smooth = tf.add(tf.mul(target, 1 - labelSmoothing), labelSmoothing / classes);
    return tf.neg(tf.mean(tf.sum(tf.mul(smooth, tf.log(tf.add(tf.softmax(logits), 1e-30))), 1)));
  };
}
