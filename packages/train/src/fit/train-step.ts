import * as tf from '@tensorflow/tfjs';
import type { Batch } from '../data/batches.ts';
import type { ImageShape } from '../data/dataset.ts';
import * as heapKernels from '../engine/kernels/index.ts';
import type { Optimizer, Parameter, ParameterStore } from '../engine/optimizer.ts';
import { TrainingError } from '../training-error.ts';
import { runLayers } from './run-layers.ts';
import type { Task } from './task.ts';

/** What one step saw before it changed the weights. */
export interface StepResult {
  /** Task loss plus all layer losses. */
  readonly loss: number;
  readonly lossTask: number;
  /** Images put in the right class. */
  readonly correct: number;
}

/** One forward and backward pass over a batch, and one optimizer step. Leaves no tensor behind. */
export function trainStep(
  model: tf.LayersModel,
  batch: Batch & { readonly weights?: Float32Array | undefined },
  { shape, classes }: { readonly shape: ImageShape; readonly classes: number },
  task: Task,
  optimizer: Optimizer,
  learningRate: number,
  rateOf: (variable: string) => number,
): StepResult {
  return tf.tidy(() => {
    const images = tf.tensor(batch.images, [batch.size, ...shape], 'float32');
    const labels = tf.tensor1d(batch.labels, 'int32');
    const imageWeights = batch.weights === undefined ? undefined : tf.tensor1d(batch.weights, 'float32');
    const weights = model.trainableWeights;
    const variables = weights.map((weight) => weight.read() as tf.Variable);
    let lossTask: tf.Scalar | undefined;
    let values: tf.Tensor | undefined;
    const total = (): tf.Scalar => {
      values = tf.keep(task.values(() => runLayers(model, images, { training: true })));
      lossTask = tf.keep(task.loss(labels, values, imageWeights));
      return model.calculateLosses().reduce<tf.Scalar>((sum, next) => tf.add(sum, next), lossTask);
    };
    const { value, grads } = tf.variableGrads(total, variables);
    if (values === undefined || lossTask === undefined)
      throw new TrainingError('trainStep: the loss function was not called');
    const result: StepResult = {
      loss: value.dataSync()[0],
      lossTask: lossTask.dataSync()[0],
      correct: task.correct(values.dataSync<'float32'>(), values.size / batch.size, batch.labels, classes),
    };
    tf.dispose([values, lossTask]);
    const parameters = weights.map((weight, index) => ({
      name: weight.originalName,
      values: variables[index].dataSync<'float32'>().slice(),
      gradient: gradientOf(grads, variables[index], weight.originalName),
      rate: rateOf(weight.originalName),
    }));
    refuseNaN(result, parameters);
    optimizer.step(parameters, learningRate);
    for (const [index, { values }] of parameters.entries()) {
      variables[index].assign(tf.tensor(values, variables[index].shape, 'float32'));
    }
    return result as StepResult & tf.TensorContainer;
  });
}

function gradientOf(grads: tf.NamedTensorMap, variable: tf.Variable, name: string): Float32Array {
  const gradient = grads[variable.name];
  if (gradient == null)
    throw new TrainingError(
      `'${name}' gets no gradient: the loss does not depend on it. Set its layer's trainable to false.`,
    );
  return gradient.dataSync<'float32'>();
}

/**
 * Called before the step changes the weights. Layers can hide a NaN from the loss (the ReLU of NaN is 0), so weights and gradients are asked too.
 *
 * @throws TrainingError that says where the numbers stopped being finite, if they did.
 */
export function refuseNaN(
  result: StepResult,
  parameters: readonly Pick<Parameter, 'name' | 'values' | 'gradient' | 'store'>[],
): void {
  const weight = parameters.find(({ values, store }) => !allFinite(values, store));
  const gradient = weight === undefined ? parameters.find((one) => !allFinite(one.gradient, one.store)) : undefined;
  if (Number.isFinite(result.loss) && weight === undefined && gradient === undefined) return;
  const where =
    weight !== undefined
      ? `'${weight.name}' holds a number that is not finite`
      : gradient !== undefined
        ? `the first gradient that is not finite is that of '${gradient.name}'`
        : 'all weights and gradients are finite';
  throw new TrainingError(
    `the loss is ${result.loss}; ${where}. Lower the learning rate or clip the gradients (clipNorm).`,
  );
}

/** Numbers of an engine are looked at where they live: in single file they would take a tenth of a small step. */
function allFinite(values: Float32Array, { kernels }: Pick<ParameterStore, 'kernels'> = heap): boolean {
  return kernels.countNotFinite(values, values.length) === 0;
}

const heap = { kernels: heapKernels };
