import type * as tf from '@tensorflow/tfjs';
import { checkDataset, type Dataset } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import type { Task } from './task.ts';

/** Class j must stand for the same label in both sets: each file numbers its own labels. @throws OptionError */
export function checkSameLabels(data: Dataset | StreamingDataset, validation: Dataset | StreamingDataset): void {
  const [ours, theirs] = [data, validation].map(({ labelIds, classes }) => labelIds ?? range(classes));
  const shared = Math.min(ours.length, theirs.length);
  const other = range(shared).find((index) => ours[index] !== theirs[index]);
  if (other === undefined || (data.labelIds === undefined && validation.labelIds === undefined)) return;
  throw new OptionError(
    `fit: class ${other} is the label ${ours[other]} in data, but ${theirs[other]} in validation; load validation with ${data.labelIds === undefined ? `classes: ${data.classes}` : 'labelIds: data.labelIds'}, or give both the same labelIds`,
  );
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/**
 * Refuses what would train into nonsense without an error: images of another shape, labels that no output stands for; and, of data in memory, NaN and labels out of range.
 *
 * @param option how errors call the data.
 * @param where function named in errors.
 * @throws OptionError naming the option, DataError for bad values.
 */
export function checkData(
  model: tf.LayersModel,
  data: Dataset | StreamingDataset,
  task: Task,
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
  if (classes > task.mostClasses) {
    const width = model.outputs[0].shape[1];
    throw new OptionError(`${where}: ${option} has ${classes} classes, but the model has ${width} outputs`);
  }
  if ('labels' in data) checkDataset(data, `${where}: ${option}`);
}
