/**
 * Non-overlapping pooling of `[batch, H, W, C]` images, cells `ph × pw`; rows and columns of partial border cells are
 * dropped. Own implementation because backends divide by multiplying with a rounded reciprocal: here a sum is exact in
 * double precision and divided once, so the float32 result is the correctly rounded quotient.
 */
import type * as tf from '@tensorflow/tfjs';
import { hostOp } from './host-op.ts';

/** Mean over each cell; empty pixels count as zeros. */
export function averagePool(x: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const geometry = poolGeometry(x.shape, cell);
  const area = cell[0] * cell[1];
  return hostOp([x], ([values]) => {
    const sums = new Float64Array(geometry.size);
    forEachPixel(geometry, (pixel, target) => {
      for (let c = 0; c < geometry.channels; c++) sums[target + c] += values[pixel + c];
    });
    return {
      values: Float32Array.from(sums, (sum) => sum / area),
      shape: geometry.outShape,
      gradient: (dy) => {
        const dx = new Float32Array(values.length);
        forEachPixel(geometry, (pixel, target) => {
          for (let c = 0; c < geometry.channels; c++) dx[pixel + c] = dy[target + c] / area;
        });
        return [dx];
      },
    };
  });
}

/** Largest value of each cell; the gradient goes to the first pixel in raster order that has it. */
export function maxPool(x: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
  const geometry = poolGeometry(x.shape, cell);
  return hostOp([x], ([values]) => {
    const largest = new Float32Array(geometry.size).fill(-Infinity);
    const where = new Int32Array(geometry.size);
    forEachPixel(geometry, (pixel, target) => {
      for (let c = 0; c < geometry.channels; c++) {
        if (values[pixel + c] <= largest[target + c]) continue;
        largest[target + c] = values[pixel + c];
        where[target + c] = pixel + c;
      }
    });
    return {
      values: largest,
      shape: geometry.outShape,
      gradient: (dy) => {
        const dx = new Float32Array(values.length);
        for (let j = 0; j < dy.length; j++) dx[where[j]] += dy[j];
        return [dx];
      },
    };
  });
}

interface PoolGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly cell: readonly [number, number];
  readonly outShape: readonly number[];
  readonly size: number;
}

function poolGeometry(shape: readonly number[], cell: readonly [number, number]): PoolGeometry {
  const [batch, inHeight, inWidth, channels] = shape;
  const [height, width] = [Math.floor(inHeight / cell[0]), Math.floor(inWidth / cell[1])];
  const outShape = [batch, height, width, channels];
  return { batch, inHeight, inWidth, channels, height, width, cell, outShape, size: batch * height * width * channels };
}

/** Visits every pixel of a whole cell with the offsets of its first channel in the input and in the output. */
function forEachPixel(geometry: PoolGeometry, visit: (pixel: number, target: number) => void): void {
  const { batch, inHeight, inWidth, channels, height, width, cell } = geometry;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < height * cell[0]; row++) {
      const from = (image * inHeight + row) * inWidth;
      const to = (image * height + Math.floor(row / cell[0])) * width;
      for (let column = 0; column < width * cell[1]; column++) {
        visit((from + column) * channels, (to + Math.floor(column / cell[1])) * channels);
      }
    }
  }
}
