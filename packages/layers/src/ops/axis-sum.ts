import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { collectBits, expandBits } from '../quantizer/broadcast.ts';
import { hostOp } from './host-op.ts';

/**
 * `scale · Σ x` over `axes`, summed in double precision: the float32 result is the correctly rounded sum. Summed axes
 * keep size 1 with `keepDims` and vanish without.
 */
export function axisSum(x: tf.Tensor, axes: readonly number[], keepDims: boolean, scale = 1): tf.Tensor {
  const kept = keptShape(x.shape, axes);
  return hostOp([x], ([values]) => ({
    values: Float32Array.from(collectBits(new Float64Array(values), kept, x.shape), (sum) => sum * scale),
    shape: keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)),
    gradient: (dy) => [Float32Array.from(expandBits(dy, kept, x.shape), (g) => g * scale)],
  }));
}

/** The shape with size 1 along `axes`. */
export function keptShape(shape: readonly number[], axes: readonly number[]): readonly number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/**
 * Axes counted from 0, sorted, of data of `rank` (batch axis included, which is none of them).
 *
 * @throws naming `where` when an axis does not exist, is the batch axis or comes twice.
 */
export function dataAxes(axes: number | readonly number[], rank: number, where: string): readonly number[] {
  const list = typeof axes === 'number' ? [axes] : axes;
  const positive = list.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  const bad = positive.some(
    (axis, j) => !Number.isInteger(axis) || axis < 1 || axis >= rank || axis === positive[j - 1],
  );
  if (bad || positive.length === 0) {
    throw new LayerError(
      `${where} = ${JSON.stringify(axes)}; expected different axes from 1 to ${rank - 1} (or negative), 0 is the batch.`,
      { option: 'axes', value: axes },
    );
  }
  return positive;
}
