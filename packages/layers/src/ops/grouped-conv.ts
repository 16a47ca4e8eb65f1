import type * as tf from '@tensorflow/tfjs';
import { concat, conv2d, depthwiseConv2d, reshape, split } from './tf.ts';
import type { PaddedAxis } from './window-axis.ts';

/**
 * Cross-correlation of `[batch, H, W, C]` with a kernel `[kh, kw, C / groups, F]`; filters `g · F / groups …` see only
 * channels `g · C / groups …`. Windows lie as the two axes say.
 */
export function groupedConv2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  rows: PaddedAxis,
  columns: PaddedAxis,
  groups: number,
): tf.Tensor4D {
  const strides: [number, number] = [rows.stride, columns.stride];
  const dilations: [number, number] = [rows.dilation, columns.dilation];
  const padding = pads(rows, columns);
  const [height, width, perGroup, filters] = kernel.shape;
  // One operation for all groups where tfjs has a gradient for it.
  if (groups > 1 && perGroup === 1 && rows.dilation === 1 && columns.dilation === 1) {
    const perChannel = reshape(kernel, [height, width, groups, filters / groups]) as tf.Tensor4D;
    return depthwiseConv2d(x, perChannel, strides, padding, 'NHWC', dilations);
  }
  const conv = (part: tf.Tensor4D, own: tf.Tensor4D): tf.Tensor4D =>
    conv2d(part, own, strides, padding, 'NHWC', dilations);
  if (groups === 1) return conv(x, kernel);
  const kernels = split<tf.Tensor4D>(kernel, groups, 3);
  return concat(
    split<tf.Tensor4D>(x, groups, 3).map((part, group) => conv(part, kernels[group])),
    3,
  );
}

type Pads = [[number, number], [number, number], [number, number], [number, number]];

function pads(rows: PaddedAxis, columns: PaddedAxis): Pads {
  return [
    [0, 0],
    [rows.padBefore, rows.padAfter],
    [columns.padBefore, columns.padAfter],
    [0, 0],
  ];
}
