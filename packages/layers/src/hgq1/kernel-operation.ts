import type { GraphNode, Weights } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import {
  type ConvSettings,
  type ConvWindows,
  convSettings,
  convWindows,
  requireChannelsLast,
} from '../layers/conv-settings.ts';
import type { Shape } from '../layers/q-layer.ts';
import { wholeNumber } from '../layers/whole-number.ts';
import { padsOf } from '../lower/lower-conv.ts';
import type { LowerScope } from '../lower/lowered.ts';
import { groupedConv2d } from '../ops/grouped-conv.ts';
import type { KernelGeometry } from './h-kernel-args.ts';

/** The linear operation of a dense layer or convolution: its shapes, on data or on bits, and in the graph. */
export class KernelOperation {
  readonly isConv: boolean;
  private readonly geometry: KernelGeometry;
  private readonly settings: ConvSettings | null;
  private readonly layer: string;

  /** @throws LayerError for a geometry that HGQ v1 does not have */
  constructor(geometry: KernelGeometry, layer: string) {
    const where = `Layer '${layer}'`;
    this.layer = layer;
    this.geometry = geometry;
    if ('conv' in geometry) requireChannelsLast(geometry.conv.dataFormat, where);
    this.settings = 'conv' in geometry ? convSettings(geometry.conv, geometry.rank, where) : null;
    this.isConv = this.settings != null;
    if (this.settings?.padding === 'causal') {
      throw new LayerError(`${where}: padding = 'causal' does nothing in HGQ v1; use 'valid' or 'same'.`, {
        option: 'padding',
        value: 'causal',
      });
    }
    if ('units' in geometry) wholeNumber(geometry.units, where, 'units');
  }

  /** The arguments that decide it, for `getConfig`. */
  get config(): tf.serialization.ConfigDict {
    const { geometry } = this;
    const given = ('conv' in geometry ? geometry.conv : geometry) as unknown as Record<string, unknown>;
    const keys = ['units', 'filters', 'kernelSize', 'strides', 'padding', 'dilationRate', 'groups'];
    return Object.fromEntries(keys.filter((key) => given[key] != null).map((key) => [key, given[key]])) as never;
  }

  /** @param shape of the input, with batch */
  outputShape(shape: Shape): Shape {
    if ('units' in this.geometry) return [...shape.slice(0, -1), this.geometry.units];
    return [shape[0], ...this.windows(shape).outputShape];
  }

  /** @throws LayerError when the number of inputs is not known, or windows do not fit */
  kernelShape(shape: Shape): readonly number[] {
    if (!('units' in this.geometry)) return this.windows(shape).kernelShape;
    const inputs = shape.at(-1);
    if (inputs == null) {
      throw new LayerError(`Layer '${this.layer}': input shape [${shape}]; the last dimension has to be known.`);
    }
    return [inputs, this.geometry.units];
  }

  apply(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
    if (this.settings == null) {
      const [inputs, units] = kernel.shape;
      const y = tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, kernel as tf.Tensor2D);
      return tf.reshape(y, [...x.shape.slice(0, -1), units]);
    }
    const { rows, columns, outputShape, kernelShape } = this.windows(x.shape);
    const { rank, groups } = this.settings;
    if (rank === 2) return groupedConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, rows, columns, groups);
    const image = tf.reshape(x, [x.shape[0], 1, x.shape[1] as number, x.shape[2] as number]) as tf.Tensor4D;
    const square = tf.reshape(kernel, [1, ...kernelShape]) as unknown as tf.Tensor4D;
    return tf.reshape(groupedConv2d(image, square, rows, columns, groups), [x.shape[0], ...outputShape]);
  }

  /** As node `.dense` or `.conv`. */
  lower(scope: LowerScope, x: GraphNode, weights: { readonly kernel: Weights; readonly bias?: Weights }): GraphNode {
    const name = this.layer;
    const given = { ...weights, layer: name };
    if (this.settings == null) return scope.graph.dense(`${name}.dense`, x, given);
    const { rows, columns } = this.windows([null, ...x.shape]);
    const { groups, rank } = this.settings;
    if (rank === 1) {
      const { stride, dilation } = columns;
      return scope.graph.conv1d(`${name}.conv`, x, { ...given, groups, stride, dilation, pads: padsOf(columns) });
    }
    return scope.graph.conv2d(`${name}.conv`, x, {
      ...given,
      groups,
      strides: [rows.stride, columns.stride],
      dilation: [rows.dilation, columns.dilation],
      pads: [padsOf(rows), padsOf(columns)],
    });
  }

  private windows(shape: Shape): ConvWindows {
    return convWindows(this.settings as ConvSettings, shape, `Layer '${this.layer}'`);
  }
}
