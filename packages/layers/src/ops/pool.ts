/**
 * Non-overlapping pooling of `[batch, H, W, C]` images, cells `ph × pw`; rows and columns of partial border cells are
 * dropped. Own implementation because backends divide by multiplying with a rounded reciprocal: here a sum is exact in
 * double precision and divided once, so the float32 result is the correctly rounded quotient.
 */
import type * as tf from '@tensorflow/tfjs';
import { hostOp } from './host-op.ts';

/** Mean over each cell; empty pixels count as zeros. */
export function averagePool(x: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const { channels, target, outShape } = poolGeometry(x.shape, cell);
  const area = cell[0] * cell[1];
  return hostOp([x], ([values]) => {
    const sums = new Float64Array(sizeOf(outShape));
    for (let pixel = 0, j = 0; pixel < target.length; pixel++) {
      const to = target[pixel];
      for (let c = 0; c < channels; c++, j++) if (to >= 0) sums[to + c] += values[j];
    }
    const means = new Float32Array(sums.length);
    for (let j = 0; j < sums.length; j++) means[j] = sums[j] / area;
    return {
      values: means,
      shape: outShape,
      gradient: (dy) => {
        const dx = new Float32Array(values.length);
        for (let pixel = 0, j = 0; pixel < target.length; pixel++) {
          const from = target[pixel];
          for (let c = 0; c < channels; c++, j++) if (from >= 0) dx[j] = dy[from + c] / area;
        }
        return [dx];
      },
    };
  });
}

/** Largest value of each cell; the gradient goes to the first pixel in raster order that has it. */
export function maxPool(x: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const { channels, target, outShape } = poolGeometry(x.shape, cell);
  return hostOp([x], ([values]) => {
    const largest = new Float32Array(sizeOf(outShape)).fill(-Infinity);
    const where = new Int32Array(largest.length);
    for (let pixel = 0, j = 0; pixel < target.length; pixel++) {
      const to = target[pixel];
      for (let c = 0; c < channels; c++, j++) {
        if (to < 0 || values[j] <= largest[to + c]) continue;
        largest[to + c] = values[j];
        where[to + c] = j;
      }
    }
    return {
      values: largest,
      shape: outShape,
      gradient: (dy) => {
        const dx = new Float32Array(values.length);
        for (let j = 0; j < dy.length; j++) dx[where[j]] += dy[j];
        return [dx];
      },
    };
  });
}

interface PoolGeometry {
  readonly channels: number;
  /** For every pixel of the batch the offset of its cell's first channel in the output, −1 outside all cells. */
  readonly target: Int32Array;
  readonly outShape: readonly number[];
}

const known = new Map<string, PoolGeometry>();

function poolGeometry(shape: readonly number[], cell: readonly [number, number]): PoolGeometry {
  const key = `${shape.join()}/${cell.join()}`;
  let geometry = known.get(key);
  if (geometry == null) {
    // A training run sees a handful of shapes; tables of an endless variety must not pile up.
    if (known.size > 32) known.clear();
    geometry = makeGeometry(shape, cell);
    known.set(key, geometry);
  }
  return geometry;
}

function makeGeometry(
  [batch, height, width, channels]: readonly number[],
  cell: readonly [number, number],
): PoolGeometry {
  const [rows, columns] = [Math.floor(height / cell[0]), Math.floor(width / cell[1])];
  const target = new Int32Array(batch * height * width).fill(-1);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < rows * cell[0]; row++) {
      const from = (image * height + row) * width;
      const to = (image * rows + Math.floor(row / cell[0])) * columns;
      for (let column = 0; column < columns * cell[1]; column++) {
        target[from + column] = (to + Math.floor(column / cell[1])) * channels;
      }
    }
  }
  return { channels, target, outShape: [batch, rows, columns, channels] };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}
