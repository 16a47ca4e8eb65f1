import type * as tf from '@tensorflow/tfjs';
import { hostOp } from './host-op.ts';

/** How a kernel with gaps, groups or even sides lies inside a dense one with odd sides that computes the same. */
export interface KernelEmbedding {
  /** `[kh, kw, C, F]` of the dense kernel, odd sides. */
  readonly shape: readonly [number, number, number, number];
  /** Where each element of the given kernel `[kh, kw, C / groups, F]` lies in the dense one; zeros elsewhere. */
  readonly index: Int32Array;
}

/**
 * The dense kernel with a centre that stands for a convolution with 'same' padding as TensorFlow pads: of an even number
 * of zeros half before, of an odd one the larger half behind. So an even side gets a row of zeros in front, a dilation
 * zeros between taps, and groups zeros between channels that do not see each other.
 *
 * @returns null when the kernel is of that form already
 */
export function kernelEmbedding(
  kernelSize: readonly [number, number],
  dilation: readonly [number, number],
  groups: number,
  [channels, filters]: readonly [number, number],
): KernelEmbedding | null {
  const [rows, columns] = [0, 1].map((axis) => place(kernelSize[axis], dilation[axis]));
  if (groups === 1 && [rows, columns].every(({ at, side }) => at.length === side)) return null;
  const shape = [rows.side, columns.side, channels, filters] as const;
  const [ownChannels, ownFilters] = [channels / groups, filters / groups];
  const index = new Int32Array(kernelSize[0] * kernelSize[1] * ownChannels * filters);
  let element = 0;
  for (const row of rows.at) {
    for (const column of columns.at) {
      for (let c = 0; c < ownChannels; c++) {
        for (let f = 0; f < filters; f++) {
          const channel = Math.floor(f / ownFilters) * ownChannels + c;
          index[element++] = ((row * columns.side + column) * channels + channel) * filters + f;
        }
      }
    }
  }
  return { shape, index };
}

/** The kernel as a dense one; the gradient of the zeros is dropped. */
export function embedKernel(kernel: tf.Tensor, { shape, index }: KernelEmbedding): tf.Tensor {
  return hostOp([kernel], ([values]) => ({
    values: Float32Array.from(embed(values, shape, index)),
    shape,
    gradient: (dy) => [Float32Array.from(index, (to) => dy[to])],
  }));
}

/** The same for plain numbers. */
export function embed(values: ArrayLike<number>, shape: readonly number[], index: Int32Array): number[] {
  const dense = new Array<number>(shape.reduce((size, extent) => size * extent, 1)).fill(0);
  for (let j = 0; j < index.length; j++) dense[index[j]] = values[j];
  return dense;
}

/** Taps along one axis of the dense kernel. */
function place(taps: number, dilation: number): { readonly side: number; readonly at: readonly number[] } {
  const span = (taps - 1) * dilation + 1;
  const before = Math.floor((span - 1) / 2);
  const reach = Math.max(before, span - 1 - before);
  return { side: 2 * reach + 1, at: Array.from({ length: taps }, (_, tap) => reach - before + tap * dilation) };
}
