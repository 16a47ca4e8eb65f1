import type * as tf from '@tensorflow/tfjs';

/**
 * Loss of a batch: `labels` are the class indices `[batch]` (int32), `outputs` the model's output. Returns a scalar, the mean over the batch:
 * with `weights` `[batch]` that of weight × loss, as Keras' 'sum_over_batch_size'. A function of your own that does not take weights cannot be used
 * together with them. Those of this package also take one-hot labels `[batch, classes]`, as `model.fit` of tfjs has them.
 */
export type LossFunction = (labels: tf.Tensor1D, outputs: tf.Tensor, weights?: tf.Tensor1D) => tf.Scalar;

/**
 * Losses with a name. 'softmaxCrossEntropy' expects logits, 'crossEntropy' probabilities of all classes, 'sigmoidCrossEntropy' one logit per image,
 * 'binaryCrossEntropy' the probability of class 1, or one per class that do not have to sum to 1; 'meanSquaredError' compares with 1 for the image's
 * class and 0 for the others, or one output with the label.
 */
export type LossName =
  | 'softmaxCrossEntropy'
  | 'crossEntropy'
  | 'sigmoidCrossEntropy'
  | 'binaryCrossEntropy'
  | 'meanSquaredError';
