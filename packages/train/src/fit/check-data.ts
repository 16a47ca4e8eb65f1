import type * as tf from '@tensorflow/tfjs';
import { checkDataset, type Dataset } from '../data/dataset.ts';
import { engineLossOf } from '../engine/engine-loss.ts';
import { OptionError } from '../option-error.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import type { LossFunction } from './loss.ts';

/**
 * Refuses what would train into nonsense without an error: images of another shape, labels that no output stands for, a loss for another number
 * of outputs; and, of data in memory, NaN and labels out of range.
 *
 * @param option how errors call the data.
 * @param where function named in errors.
 * @throws OptionError naming the option, DataError for bad values.
 */
export function checkData(
  model: tf.LayersModel,
  data: Dataset | StreamingDataset,
  loss: LossFunction,
  option: string,
  where = 'fit',
): void {
  const { shape, classes } = data;
  const wanted = model.inputs[0].shape.slice(1);
  const fits = wanted.length === shape.length && wanted.every((size, axis) => size === null || size === shape[axis]);
  if (!fits) {
    throw new OptionError(
      `${where}: ${option} has images of ${shape.join(' × ')}, but the model takes ${wanted.map((size) => size ?? 'any').join(' × ')}`,
    );
  }
  const [, width, ...rest] = model.outputs[0].shape;
  if (typeof width !== 'number' || rest.length > 0) {
    throw new OptionError(
      `${where}: the model's output has shape [${model.outputs[0].shape.map((size) => size ?? 'batch').join(', ')}]; it trains models with one number per class`,
    );
  }
  const kind = engineLossOf(loss)?.kind;
  if (kind === 'sigmoidCrossEntropy' && width !== 1) {
    throw new OptionError(
      `${where}: loss 'sigmoidCrossEntropy' needs one output, the model has ${width}; use softmaxCrossEntropy`,
    );
  }
  if (kind === 'softmaxCrossEntropy' && width === 1) {
    throw new OptionError(`${where}: loss 'softmaxCrossEntropy' of one output is always 0; use 'sigmoidCrossEntropy'`);
  }
  if (classes > Math.max(2, width)) {
    throw new OptionError(`${where}: ${option} has ${classes} classes, but the model has ${width} outputs`);
  }
  if ('labels' in data) checkDataset(data, `${where}: ${option}`);
}
