import type { GraphNode, Pads } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { isDyadic, nearestDyadic } from '../layers/dyadic.ts';
import { denseImage } from './dense-image.ts';
import { lowerRectifier } from './lower-function.ts';
import { type BinaryStep, denseImages, lowerBinaryChain, lowerPowerOfTwo } from './lower-merge.ts';
import { refuseDivisor } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

type Value = Extract<Lowered, { kind: 'value' }>;
type LowerStock = (scope: LowerScope, layer: tf.layers.Layer, inputs: readonly Lowered[]) => readonly Lowered[];

/** Layers of tfjs that combine, rearrange or rectify values exactly, by class name. */
export const stockArithmetic: Readonly<Record<string, LowerStock>> = {
  Add: (scope, layer, inputs) => [merged(scope, layer, 'add', inputs)],
  Multiply: (scope, layer, inputs) => [merged(scope, layer, 'mul', inputs)],
  Maximum: (scope, layer, inputs) => [merged(scope, layer, 'max', inputs)],
  Minimum: (scope, layer, inputs) => [merged(scope, layer, 'min', inputs)],
  Average: lowerAverage,
  Concatenate: lowerConcatenate,
  Permute: lowerPermute,
  ZeroPadding2D: lowerZeroPadding,
  ReLU: (scope, layer, inputs) => [rectified(scope, layer, inputs, { negativeSlope: 0, maxValue: maxValueOf(layer) })],
  LeakyReLU: (scope, layer, inputs) => {
    const { alpha } = layer.getConfig() as { readonly alpha: number };
    return [rectified(scope, layer, inputs, { negativeSlope: alpha, maxValue: null })];
  },
};

function merged(scope: LowerScope, layer: tf.layers.Layer, step: BinaryStep, inputs: readonly Lowered[]): Value {
  return lowerBinaryChain(
    scope,
    step,
    inputs.map((input) => requireValue(input, layer.name)),
    layer.name,
  );
}

/** tfjs multiplies the sum by 1/n, which is exact for powers of two only. */
function lowerAverage(scope: LowerScope, layer: tf.layers.Layer, inputs: readonly Lowered[]): readonly Lowered[] {
  const shift = Math.log2(inputs.length);
  if (!Number.isInteger(shift)) {
    throw new LowerError(
      layer.name,
      `an average of ${inputs.length} is not exact.`,
      'Use qAveragePow2, or 2 or 4 inputs.',
    );
  }
  const sum = merged(scope, layer, 'add', inputs);
  return [{ ...sum, node: lowerPowerOfTwo(scope, sum.node, -shift, layer.name) }];
}

function lowerConcatenate(scope: LowerScope, layer: tf.layers.Layer, inputs: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const values = inputs.map((input) => requireValue(input, name));
  for (const { node } of values) refuseDivisor(node, name);
  const [first] = values;
  const { slots, shape } = first.node;
  const { axis: given } = layer.getConfig() as { readonly axis: number };
  const axis = given < 0 ? given + shape.length : given - 1;
  const oneList =
    slots != null && axis === 2 && values.every(({ node, mask }) => node.slots === slots && mask === first.mask);
  const operands = oneList ? values.map(({ node }) => node) : denseImages(scope, values, name);
  const node = scope.graph.concat(`${name}.concat`, operands, { axis, layer: name });
  return [oneList ? { ...first, node } : { kind: 'value', node }];
}

function lowerPermute(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { dims } = layer.getConfig() as unknown as { readonly dims: readonly number[] };
  const x = dense(scope, layer, input);
  const perm = dims.map((dim) => dim - 1);
  return [{ kind: 'value', node: scope.graph.transpose(`${layer.name}.permute`, x, { perm, layer: layer.name }) }];
}

function lowerZeroPadding(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { padding, dataFormat } = layer.getConfig() as unknown as {
    readonly padding: readonly Pads[];
    readonly dataFormat?: string;
  };
  if (dataFormat === 'channelsFirst') {
    throw new LowerError(layer.name, "its dataFormat is 'channelsFirst'.", "Use 'channelsLast'.");
  }
  const pads: readonly Pads[] = [padding[0], padding[1], [0, 0]];
  const x = dense(scope, layer, input);
  return [{ kind: 'value', node: scope.graph.pad(`${layer.name}.pad`, x, { pads, layer: layer.name }) }];
}

function rectified(
  scope: LowerScope,
  layer: tf.layers.Layer,
  [input]: readonly Lowered[],
  constants: { readonly negativeSlope: number; readonly maxValue: number | null },
): Value {
  const source = requireValue(input, layer.name);
  for (const [name, value] of Object.entries(constants)) {
    if (value == null || isDyadic(value)) continue;
    throw new LowerError(
      layer.name,
      `${name} = ${value} has no short binary form, so hardware cannot have it exactly.`,
      `Use ${nearestDyadic(value)}.`,
    );
  }
  return { ...source, node: lowerRectifier(scope, source.node, constants, layer.name) };
}

function maxValueOf(layer: tf.layers.Layer): number | null {
  return (layer.getConfig() as { readonly maxValue?: number | null }).maxValue ?? null;
}

function dense(scope: LowerScope, layer: tf.layers.Layer, input: Lowered): GraphNode {
  const { node } = requireValue(input, layer.name);
  refuseDivisor(node, layer.name);
  return denseImage(scope, node, layer.name);
}
