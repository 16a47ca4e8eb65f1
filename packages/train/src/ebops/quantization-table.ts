import { collectQLayers, type QLayer, type Quantizer } from '@sp/layers';
import { allLayers, hasQuantizedTensors, type QuantizedTensor } from '@sp/layers/internal';
import { expandFormats } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';

/** One quantised tensor of a model. */
export interface QuantizationRow {
  readonly layer: string;
  /** `activations` are what the layer's input quantizer gives. */
  readonly role: 'activations' | 'weights' | 'bias' | 'output';
  /** Without batch dimension. */
  readonly shape: readonly number[];
  /** Formats in use, broadcast to `shape`. */
  readonly formats: FormatTable;
  /** Total width of each element in bits, row-major over `shape`, 0 where only 0 can be held. One number where all elements share a format. */
  readonly bits: readonly number[];
  /** Sum of the widths over all elements. */
  readonly totalBits: number;
  /** Share of elements whose quantised value is 0; only for weights and biases. */
  readonly zeros?: number;
}

const roles = { iq: 'activations', kq: 'weights', bq: 'bias', oq: 'output' } as const;

/**
 * Bit widths of all quantised tensors of a model: one row per quantizer of the common roles iq, kq, bq and oq, and the
 * tensors that layers of QKeras and HGQ v1 say they quantise. WRAP quantizers, and HGQ v1's, must be traced first.
 */
export function quantizationTable(model: tf.LayersModel): readonly QuantizationRow[] {
  const own = new Set<tf.layers.Layer>(collectQLayers(model));
  return allLayers(model).flatMap((layer) => {
    if (hasQuantizedTensors(layer)) return layer.quantizedTensors().map((tensor) => tensorRow(layer.name, tensor));
    if (!own.has(layer)) return [];
    const known = layer as QLayer;
    return [...known.quantizers].flatMap(([role, quantizer]) => {
      const row = isKnown(role) ? rowOf(known, role, quantizer) : undefined;
      return row === undefined ? [] : [row];
    });
  });
}

function tensorRow(layer: string, { role, shape, formats, zeros }: QuantizedTensor): QuantizationRow {
  const single = formats.k.length === 1;
  const { k, i, f } = expandFormats(formats, single ? formats.shape : shape);
  const bits = Array.from(k, (sign, j) => Math.max(0, sign + i[j] + f[j]));
  const elements = shape.reduce((product, size) => product * size, 1);
  const totalBits = single ? bits[0] * elements : bits.reduce((sum, width) => sum + width, 0);
  return { layer, role, shape, formats, bits, totalBits, ...(zeros === undefined ? {} : { zeros }) };
}

/** Sum of the widths of all weights and biases of a model, in bits. */
export function totalWeightBits(rows: readonly QuantizationRow[]): number {
  return rows
    .filter(({ role }) => role === 'weights' || role === 'bias')
    .reduce((sum, { totalBits }) => sum + totalBits, 0);
}

function isKnown(role: string): role is keyof typeof roles {
  return role in roles;
}

function rowOf(layer: QLayer, role: keyof typeof roles, quantizer: Quantizer): QuantizationRow | undefined {
  const formats = quantizer.formats(true);
  if (formats === null) return undefined;
  const weight = weightOf(layer, role);
  const shape = weight?.shape.map(Number) ?? dataShape(layer, role);
  const elements = shape.reduce((product, size) => product * size, 1);
  const single = formats.k.length === 1;
  const bits = widths(formats, single ? formats.shape : shape, quantizer);
  return {
    layer: layer.name,
    role: roles[role],
    shape,
    formats,
    bits,
    totalBits: single ? bits[0] * elements : bits.reduce((sum, width) => sum + width, 0),
    ...(weight === undefined ? {} : { zeros: shareOfZeros(quantizer, weight) }),
  };
}

/** A symmetric format without bits besides the sign holds nothing but 0. */
function widths(formats: FormatTable, shape: readonly number[], { config }: Quantizer): readonly number[] {
  const symmetric = 'overflowMode' in config && config.overflowMode === 'SAT_SYM';
  const { k, i, f } = expandFormats(formats, shape);
  return Array.from(k, (sign, j) => (symmetric && i[j] + f[j] <= 0 ? 0 : Math.max(0, sign + i[j] + f[j])));
}

function weightOf(layer: QLayer, role: keyof typeof roles): tf.LayerVariable | undefined {
  const name = role === 'kq' ? 'kernel' : role === 'bq' ? 'bias' : undefined;
  return layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name);
}

function dataShape(layer: QLayer, role: keyof typeof roles): readonly number[] {
  const [node] = layer.inboundNodes;
  const [tensor] = role === 'oq' ? node.outputTensors : node.inputTensors;
  return tensor.shape.slice(1).map((size) => size ?? 1);
}

function shareOfZeros(quantizer: Quantizer, weight: tf.LayerVariable): number {
  const quantised = quantizer.call(weight.read(), 'inference');
  const values = quantised.dataSync<'float32'>();
  const zeros = values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0) / values.length;
  quantised.dispose();
  return zeros;
}
