import { bitIndex, sizeOf } from '@sp/layers/kernels';

/** For every element of data of `shape` the bit element it uses; `bitShape` has the same rank, extents 1 or those of the data. */
export function bitMap(bitShape: readonly number[], shape: readonly number[]): Int32Array {
  const { period, index } = bitIndex(bitShape, shape);
  return index ?? Int32Array.from({ length: sizeOf(shape) }, (_, j) => j % period);
}
