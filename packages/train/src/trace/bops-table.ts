import {
  collectQLayers,
  QBatchNormDense,
  QConv1D,
  QConv2D,
  QConv2DBatchNorm,
  QConv2DSparse,
  QDense,
  QDenseBatchNorm,
  type QLayer,
  type Quantizer,
} from '@sp/layers';
import { conv2dCost } from '@sp/layers/internal';
import { expandFormats, minimalKif } from '@sp/quant';
import type { WindowAxis } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../option-error.ts';

/** BOPs of one layer. */
export interface BopsRow {
  readonly layer: string;
  /** Bit operations, `factor` included; not always a whole number. */
  readonly bops: number;
  /** The layer's `ebopsFactor`. */
  readonly factor: number;
}

/**
 * Exact BOPs of HGQ v1 per layer (hgq1 §2.4, §2.5, §1.5): products of input width (`k + i + f` of the input quantizer) and of each quantised
 * weight's own minimal width without sign, so that zeros and trailing zeros cost nothing. Biases and layers other than dense ones and
 * convolutions cost nothing. Convolutions count `parallelizationFactor` positions, or all. Multiplied by the layer's `ebopsFactor`,
 * as EBOPs are. Layers without input quantizer are left out.
 *
 * BOPs ≈ LUTs + 55·DSPs after place and route for fully parallel hardware (hgq1 §3.3). Trace WRAP quantizers first.
 */
export function bopsTable(model: tf.LayersModel): readonly BopsRow[] {
  return collectQLayers(model).flatMap((layer) => {
    const bops = layer.iq === null ? undefined : bopsOf(layer, layer.iq);
    return bops === undefined ? [] : [{ layer: layer.name, bops: bops * layer.ebopsFactor, factor: layer.ebopsFactor }];
  });
}

/** Sum of `bopsTable`. */
export function totalBops(model: tf.LayersModel): number {
  return bopsTable(model).reduce((sum, { bops }) => sum + bops, 0);
}

function bopsOf(layer: QLayer, iq: Quantizer): number | undefined {
  const input = layer.inboundNodes[0].inputTensors[0].shape.slice(1).map((size) => size ?? 1);
  const x = inputBits(iq, [1, ...input]);
  if (layer instanceof QDense || layer instanceof QDenseBatchNorm || layer instanceof QBatchNormDense) {
    const w = weightBits(layer.kq, () =>
      layer instanceof QDense ? layer.kernel.read() : layer.deployedWeights().kernel,
    );
    return denseBops(x, w, layer.units);
  }
  if (layer instanceof QConv2DSparse) {
    const { filters, groups, windows } = layer;
    const w = weightBits(layer.kq, () => layer.kernel.read());
    return convBops(x, w, windows, filters, groups) * parallelShare(layer.parallelizationFactor, windows);
  }
  if (layer instanceof QConv1D || layer instanceof QConv2D || layer instanceof QConv2DBatchNorm) {
    const { windows, settings } = layer;
    const w = weightBits(layer.kq, () => layer.deployedWeights().kernel);
    const bops = convBops(x, w, windows, settings.filters, settings.groups);
    return bops * parallelShare(layer.parallelizationFactor, windows);
  }
  return undefined;
}

/** Where the windows of a convolution lie. */
interface Windows {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
}

/** Widths of what meets in the products of a convolution, multiplied; padding has width 0 (hgq1 §2.5). */
function convBops(
  x: Float64Array,
  w: Float64Array,
  { rows, columns, channels }: Windows,
  filters: number,
  groups: number,
): number {
  return conv2dCost(x, w, rows, columns, channels, filters, groups).value;
}

/** A factor below 1 stands for all positions at once. */
function parallelShare(factor: number, { rows, columns }: Windows): number {
  const positions = rows.output * columns.output;
  return (factor > 0 ? factor : positions) / positions;
}

function denseBops(x: Float64Array, w: Float64Array, units: number): number {
  const inputs = w.length / units;
  let sum = 0;
  for (let row = 0; row < inputs; row++) {
    let weights = 0;
    for (let unit = 0; unit < units; unit++) weights += w[row * units + unit];
    for (let p = row; p < x.length; p += inputs) sum += x[p] * weights;
  }
  return sum;
}

function inputBits(quantizer: Quantizer, shape: readonly number[]): Float64Array {
  const formats = quantizer.formats(false);
  if (formats === null) throw new OptionError(`bopsTable: '${quantizer.name}' has no formats; only real quantizers do`);
  const { k, i, f } = expandFormats(formats, shape);
  return Float64Array.from(k, (sign, j) => Math.max(0, sign + i[j] + f[j]));
}

/** Width of every weight by itself, without sign; 0 for 0. */
function weightBits(quantizer: Quantizer, kernel: () => tf.Tensor): Float64Array {
  const quantised = tf.tidy(() => quantizer.call(kernel(), 'inference'));
  const values = quantised.dataSync<'float32'>();
  const bits = Float64Array.from(values, (value) => {
    const { i, f } = minimalKif([Math.abs(value)]);
    return i + f;
  });
  quantised.dispose();
  return bits;
}
