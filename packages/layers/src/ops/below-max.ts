import type * as tf from '@tensorflow/tfjs';
import { type BitIndex, bitIndex, sizeOf } from '../quantizer/broadcast.ts';
import { keptShape } from './axis-sum.ts';
import { hostOp } from './host-op.ts';

/** `max(x) − x` with the maximum over `axes`: never negative. The maximum's gradient is shared evenly among ties. */
export function belowMax(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const kept = keptShape(x.shape, axes);
  return hostOp([x], ([values]) => {
    const at = bitIndex(kept, x.shape);
    const largest = new Float32Array(sizeOf(kept)).fill(-Infinity);
    forEach(at, values, (j, group) => {
      if (values[j] > largest[group]) largest[group] = values[j];
    });
    const below = new Float32Array(values.length);
    forEach(at, values, (j, group) => {
      below[j] = largest[group] - values[j];
    });
    return {
      values: below,
      shape: x.shape,
      gradient: (dy) => {
        const ties = new Float64Array(largest.length);
        const sums = new Float64Array(largest.length);
        forEach(at, values, (j, group) => {
          sums[group] += dy[j];
          if (below[j] === 0) ties[group]++;
        });
        const dx = new Float32Array(values.length);
        forEach(at, values, (j, group) => {
          dx[j] = (below[j] === 0 ? sums[group] / ties[group] : 0) - dy[j];
        });
        return [dx];
      },
    };
  });
}

function forEach({ period, index }: BitIndex, values: Float32Array, visit: (j: number, group: number) => void): void {
  for (let j = 0; j < values.length; j++) visit(j, index == null ? j % period : index[j]);
}
