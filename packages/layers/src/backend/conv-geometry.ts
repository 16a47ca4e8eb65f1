import { positionUnder, type WindowAxis } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/** Sizes of a channels-last 2D convolution, in pixels and channels. */
export interface ConvGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly outShape: readonly [number, number, number, number];
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
}

/** Attributes shared by the tfjs convolution kernels; the gradient kernels lack `dilations` in stock tfjs. */
export interface ConvAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Geometry of a convolution of `inShape` `[batch, height, width, channels]` with `filterShape`
 * `[kh, kw, in, out]` (depthwise: `[kh, kw, in, multiplier]`).
 *
 * @throws if the data format is channels first.
 */
export function convGeometry(
  inShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
  depthwise = false,
): ConvGeometry {
  if (attributes.dataFormat === 'NCHW') {
    throw new LayerError(`Convolution of [${inShape.join(', ')}]: dataFormat 'NCHW' is not supported. Use 'NHWC'.`, {
      option: 'dataFormat',
      value: 'NCHW',
    });
  }
  const info = tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    depthwise,
  );
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    outShape: info.outShape,
    rows: {
      input: info.inHeight,
      output: info.outHeight,
      taps: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      padBefore: info.padInfo.top,
    },
    columns: {
      input: info.inWidth,
      output: info.outWidth,
      taps: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      padBefore: info.padInfo.left,
    },
  };
}

/**
 * For every position `p` of one side of an axis, the kernel taps that connect it and the position on the other side:
 * entries `start[p] … start[p + 1] − 1` of `tap` and `position`.
 */
export interface TapTable {
  readonly start: Int32Array;
  readonly tap: Int32Array;
  readonly position: Int32Array;
}

/** Outputs that an input position contributes to. */
export function tapsFromInput(axis: WindowAxis): TapTable {
  return tapTable(axis.input, axis.taps, (input, tap) => {
    const scaled = input + axis.padBefore - tap * axis.dilation;
    const output = scaled / axis.stride;
    return scaled >= 0 && output < axis.output && Number.isInteger(output) ? output : -1;
  });
}

/** Inputs that an output position is made of. */
export function tapsFromOutput(axis: WindowAxis): TapTable {
  return tapTable(axis.output, axis.taps, (output, tap) => positionUnder(axis, output, tap));
}

function tapTable(size: number, taps: number, partner: (position: number, tap: number) => number): TapTable {
  const start = new Int32Array(size + 1);
  const tapList = new Int32Array(size * taps);
  const positions = new Int32Array(size * taps);
  let used = 0;
  for (let p = 0; p < size; p++) {
    for (let tap = 0; tap < taps; tap++) {
      const other = partner(p, tap);
      if (other < 0) continue;
      tapList[used] = tap;
      positions[used++] = other;
    }
    start[p + 1] = used;
  }
  return { start, tap: tapList.subarray(0, used), position: positions.subarray(0, used) };
}
