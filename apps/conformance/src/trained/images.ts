import * as tf from '@tensorflow/tfjs';
import type { TrainedFile } from './trained-file.ts';

/** Chosen images (default all) as a dense batch. */
export function denseImages(
  { images, shape }: TrainedFile,
  chosen: readonly number[] = [...images.keys()],
): Float32Array {
  const size = sizeOfImage(shape);
  const values = new Float32Array(chosen.length * size);
  for (const [at, image] of chosen.entries()) {
    for (const [position, value] of images[image]) values[at * size + position] = value;
  }
  return values;
}

/** Inference outputs of a model for a batch of dense images, one row per image. */
export function predictRows(
  model: tf.LayersModel,
  values: Float32Array,
  shape: TrainedFile['shape'],
): readonly (readonly number[])[] {
  const batch = values.length / sizeOfImage(shape);
  const outputs = tf.tidy(() => {
    const y = model.apply(tf.tensor(values, [batch, ...shape]), {}) as tf.Tensor;
    return y.dataSync<'float32'>().slice() as unknown as tf.TensorContainer;
  }) as unknown as Float32Array;
  return rowsOf(outputs, batch);
}

/** Splits a flat batch into rows. */
export function rowsOf(values: Float32Array | Float64Array, batch: number): readonly (readonly number[])[] {
  const width = values.length / batch;
  return Array.from({ length: batch }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));
}

/** Largest difference of two rows; infinite where something is no number. */
export function maxDifference(actual: readonly number[], expected: readonly number[]): number {
  return expected.reduce((largest, value, index) => {
    const difference = Math.abs(actual[index] - value);
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
  }, 0);
}

function sizeOfImage(shape: TrainedFile['shape']): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
