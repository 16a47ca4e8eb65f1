import * as tf from '@tensorflow/tfjs';
import { batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { countCorrect, type LossFunction, type LossName, lossFunction } from './loss.ts';

/** Quality of a model on a data set, in inference. */
export interface Evaluation {
  /** Task loss, mean over the images. */
  readonly loss: number;
  /** Share of images put in the right class. */
  readonly accuracy: number;
}

/** How to evaluate. */
export interface EvaluationOptions {
  /** Default 'softmaxCrossEntropy'. */
  readonly loss?: LossName | LossFunction;
  /** Images per batch. Default 256. */
  readonly batchSize?: number;
  /** Computes the outputs instead of the model. */
  readonly predict?: ((dataset: Dataset) => Float32Array) | undefined;
}

/** Outputs of a one-output model for every image, in inference: row-major, `outputs.length / images` numbers per image. */
export function predictAll(model: tf.LayersModel, dataset: Dataset, batchSize = 256): Float32Array {
  let outputs: Float32Array | undefined;
  let done = 0;
  for (const { size, images } of batches(dataset, batchSize)) {
    const values = tf.tidy(() =>
      (model.apply(tf.tensor(images, [size, ...dataset.shape], 'float32')) as tf.Tensor).dataSync<'float32'>(),
    );
    const width = values.length / size;
    outputs ??= new Float32Array(dataset.labels.length * width);
    outputs.set(values, done * width);
    done += size;
  }
  return outputs ?? new Float32Array(0);
}

/** Task loss and accuracy on a data set, in inference. */
export function evaluate(model: tf.LayersModel, dataset: Dataset, options: EvaluationOptions = {}): Evaluation {
  const { loss = 'softmaxCrossEntropy', batchSize, predict } = options;
  const outputs = predict?.(dataset) ?? predictAll(model, dataset, batchSize);
  const width = outputs.length / dataset.labels.length;
  const task = typeof loss === 'string' ? lossFunction(loss) : loss;
  return {
    loss: tf.tidy(
      () =>
        task(tf.tensor1d(dataset.labels, 'int32'), tf.tensor2d(outputs, [dataset.labels.length, width])).dataSync()[0],
    ),
    accuracy: countCorrect(outputs, width, dataset.labels) / dataset.labels.length,
  };
}
