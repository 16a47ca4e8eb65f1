import * as tf from '@tensorflow/tfjs';
import type { ParityFile } from './parity-file.ts';

/** Images `start … start + count − 1` as a dense batch. */
export function batchOf(model: tf.LayersModel, file: ParityFile, start: number, count: number): tf.Tensor {
  const shape = model.inputs[0].shape.slice(1) as number[];
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = new Float32Array(count * size);
  for (let image = 0; image < count; image++) {
    for (const [index, value] of file.x[start + image]) values[image * size + index] = value;
  }
  return tf.tensor(values, [count, ...shape]);
}
