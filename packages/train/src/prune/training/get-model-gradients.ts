import { allLayers } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { runLayers } from '../../fit/run-layers.ts';
import { OptionError } from '../../option-error.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import type { TensorLoss } from './tensor-loss.ts';

/** Derivatives by layer name, row-major like the kernel. */
export type KernelDerivatives = ReadonlyMap<string, Float32Array>;

/** How to go through the data. */
export interface GradientOptions {
  /** Examples at once; the result is the mean over all of them. Default: all at once, as upstream; less memory with fewer. */
  readonly batchSize?: number;
}

/**
 * `∂L/∂kernel` of every layer with a kernel that can be pruned, of the mean loss over all data, with layers as in training (upstream `get_model_gradients`);
 * state that follows the data, of batch normalisations and quantizers, moves as in training. Losses that layers add do not count.
 *
 * @throws OptionError for a model with several inputs or outputs, and x and y of different lengths
 */
export function getModelGradients(
  model: tf.LayersModel,
  loss: TensorLoss,
  x: tf.Tensor,
  y: tf.Tensor,
  { batchSize = x.shape[0] }: GradientOptions = {},
): KernelDerivatives {
  const where = 'getModelGradients';
  checkData(model, x, y, where);
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new OptionError(`${where}: batchSize ${batchSize} is not a whole number ≥ 1`);
  }
  const kernels = kernelsOf(model);
  const count = x.shape[0];
  const sums = new Map([...kernels].map(([name, kernel]) => [name, new Float64Array(kernel.size)]));
  for (let from = 0; from < count; from += batchSize) {
    const size = Math.min(batchSize, count - from);
    tf.tidy(() => {
      const [xs, ys] = [x, y].map((data) => tf.slice(data, from, size));
      const total = (): tf.Scalar => tf.mean(loss(ys, runLayers(model, xs, { training: true })));
      const { grads } = tf.variableGrads(total, [...kernels.values()]);
      for (const [name, kernel] of kernels) {
        const sum = sums.get(name) as Float64Array;
        grads[kernel.name]?.dataSync().forEach((g: number, j: number) => {
          sum[j] += (g * size) / count;
        });
      }
    });
  }
  return new Map([...sums].map(([name, sum]) => [name, Float32Array.from(sum)]));
}

/** The kernels that can be pruned, by layer. */
export function kernelsOf(model: tf.LayersModel): ReadonlyMap<string, tf.Variable> {
  return new Map(
    allLayers(model).flatMap((layer) => {
      const kernel = prunableKernel(layer);
      return kernel === null ? [] : [[layer.name, kernel.variable] as const];
    }),
  );
}

/** @throws OptionError unless the model has one input and one output, and x and y the same length */
export function checkData(model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor, where: string): void {
  checkModel(model, where);
  if (model instanceof tf.Sequential && !model.built) model.build();
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new OptionError(
      `${where}: the model has ${model.inputs.length} inputs and ${model.outputs.length} outputs; it needs one of each`,
    );
  }
  if (x.shape[0] === 0 || x.shape[0] !== y.shape[0]) {
    throw new OptionError(`${where}: x has ${x.shape[0]} examples, y ${y.shape[0]}; they have to be as many, and some`);
  }
}
