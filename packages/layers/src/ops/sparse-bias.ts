import type * as tf from '@tensorflow/tfjs';
import { hostOp } from './host-op.ts';

/** Adds `bias` `[F]` to the elements of `y` `[…, F]` that are not 0 (sparsepixels §1.2). */
export function addSparseBias(y: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return hostOp([y, bias], ([values, offsets]) => {
    const filters = offsets.length;
    const result = new Float32Array(values.length);
    for (let j = 0, f = 0; j < values.length; j++, f++) {
      if (f === filters) f = 0;
      if (values[j] !== 0) result[j] = values[j] + offsets[f];
    }
    return {
      values: result,
      shape: y.shape,
      gradient: (dy) => {
        const sums = new Float64Array(filters);
        for (let j = 0, f = 0; j < values.length; j++, f++) {
          if (f === filters) f = 0;
          if (values[j] !== 0) sums[f] += dy[j];
        }
        return ['same', Float32Array.from(sums)];
      },
    };
  });
}
