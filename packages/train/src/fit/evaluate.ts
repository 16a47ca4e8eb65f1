import * as tf from '@tensorflow/tfjs';
import { batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { LossFunction, LossName } from '../engine/loss-function.ts';
import { checkOptionNames } from '../option-names.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { untracedWarnings } from '../warnings/untraced-warnings.ts';
import { checkData } from './check-data.ts';
import { checkModel } from './check-model.ts';
import { checkSomeWeight, type ImageWeights, imageWeights, type WeightOptions, weightList } from './image-weights.ts';
import { type Task, taskOf } from './task.ts';
import { weightedStream } from './weighted-batches.ts';

/** Quality of a model on a data set, in inference. */
export interface Evaluation {
  /** Task loss, mean over the images. */
  readonly loss: number;
  /** Share of images put in the right class. */
  readonly accuracy: number;
}

/** How to evaluate. Weights count in the loss only, as in `fit`. */
export interface EvaluationOptions extends WeightOptions {
  /** Default: what the last activation is made for, as in `fit`. */
  readonly loss?: LossName | LossFunction;
  /** Images per batch. Default 256. */
  readonly batchSize?: number;
  /** Receives, once per model, what is to be said of layers that should have been traced before. Default `console.warn`. */
  readonly warn?: (message: string) => void;
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

/**
 * Task loss and accuracy on a data set, in inference.
 *
 * @throws OptionError for data, loss and model that do not fit each other, DataError for data with bad values.
 */
export function evaluate(model: tf.LayersModel, dataset: Dataset, options: EvaluationOptions = {}): Evaluation {
  const { task, weights } = prepare(model, dataset, options, 'evaluate');
  return measure((images) => valuesOf(task, model, images, options.batchSize), dataset, task, weights);
}

/**
 * As `evaluate`, of a data set that is read or made piece by piece: memory does not grow with the number of images. The loss is the mean of the
 * batches' losses, weighted by their sizes; it may differ from that of `evaluate` in the last bits.
 */
export async function evaluateStream(
  model: tf.LayersModel,
  data: StreamingDataset,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const { batchSize } = options;
  const { task, weights } = prepare(model, data, options, 'evaluateStream');
  return measureStream((images) => valuesOf(task, model, images, batchSize), data, task, weights, batchSize);
}

/** Computes what a task's loss is computed from, for every image: row-major. */
export type Predict = (dataset: Dataset) => Float32Array;

/** What a task's loss is computed from, as `predictAll` computes it. */
export function valuesOf(task: Task, model: tf.LayersModel, dataset: Dataset, batchSize?: number): Float32Array {
  return task.values(() => predictAll(model, dataset, batchSize));
}

/** Task loss and accuracy of what `predict` computes. Warns of nothing: in training ranges follow the data, and it is too early to trace. */
export function measure(predict: Predict, data: Dataset, task: Task, weights: ImageWeights | undefined): Evaluation {
  const values = predict(data);
  const count = data.labels.length;
  return {
    loss: taskLoss(task, data.labels, values, weightList(weights, data.labels)),
    accuracy: task.correct(values, values.length / count, data.labels, data.classes) / count,
  };
}

/** As `measure`, piece by piece. */
export async function measureStream(
  predict: Predict,
  data: StreamingDataset,
  task: Task,
  weights: ImageWeights | undefined,
  batchSize = 256,
): Promise<Evaluation> {
  const { shape, classes, length } = data;
  let [lossSum, correct] = [0, 0];
  for await (const { size, images, labels, weights: own } of weightedStream(data, batchSize, weights)) {
    const values = predict({ images, labels, shape, classes });
    lossSum += size * taskLoss(task, labels, values, own);
    correct += task.correct(values, values.length / size, labels, classes);
  }
  return { loss: lossSum / length, accuracy: correct / length };
}

function taskLoss({ loss }: Task, labels: Int32Array, values: Float32Array, weights?: Float32Array): number {
  const width = values.length / labels.length;
  return tf.tidy(() => {
    const own = weights === undefined ? undefined : tf.tensor1d(weights, 'float32');
    return loss(tf.tensor1d(labels, 'int32'), tf.tensor2d(values, [labels.length, width]), own).dataSync()[0];
  });
}

function prepare(
  model: tf.LayersModel,
  data: Dataset | StreamingDataset,
  { loss, warn, ...options }: EvaluationOptions,
  where: string,
): { readonly task: Task; readonly weights: ImageWeights | undefined } {
  checkOptionNames(options, ['loss', 'batchSize', 'warn', 'classWeight', 'sampleWeight'], where);
  checkModel(model, where);
  const task = taskOf(model, loss, where);
  checkData(model, data, task, 'data', where);
  const { classes } = data;
  const images = 'labels' in data ? data.labels.length : data.length;
  const weights = imageWeights(options, { images, classes }, where);
  if (weights !== undefined) task.checkWeights(where);
  if ('labels' in data) checkSomeWeight(weights, data.labels, where);
  warnOfUntraced(model, warn);
  return { task, weights };
}

const warned = new WeakSet<tf.LayersModel>();

function warnOfUntraced(model: tf.LayersModel, warn: (message: string) => void = console.warn): void {
  if (warned.has(model)) return;
  const warnings = untracedWarnings(model);
  if (warnings.length === 0) return;
  warned.add(model);
  for (const { message } of warnings) warn(message);
}
