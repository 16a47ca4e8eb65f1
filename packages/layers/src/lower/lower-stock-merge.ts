import type { GraphNode } from '@sp/quant';
import type { Pads } from '@sp/quant/internal';
import { ceilLog2, isPowerOfTwo } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { isDyadic } from '../layers/dyadic.ts';
import { hostValues } from '../ops/host-view.ts';
import { denseImage } from './dense-image.ts';
import { overOneDivisor } from './divisors.ts';
import { lowerFunction, sameEverywhere } from './functions.ts';
import { lowerRectifier } from './lower-function.ts';
import { type BinaryStep, denseImages, lowerBinaryChain, lowerPowerOfTwo } from './lower-merge.ts';
import type { ElementFunctions } from './lowered.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { moved } from './moved.ts';
import { weightsOf } from './weights.ts';

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
  RepeatVector: lowerRepeat,
  Cropping2D: lowerCropping,
  UpSampling2D: lowerUpSampling,
  PReLU: lowerPrelu,
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
  if (!isPowerOfTwo(inputs.length)) {
    throw new LowerError(
      layer.name,
      `an average of ${inputs.length} is not exact.`,
      'Use qAveragePow2, or 2 or 4 inputs.',
    );
  }
  const sum = merged(scope, layer, 'add', inputs);
  return [{ ...sum, node: lowerPowerOfTwo(scope, sum.node, -ceilLog2(inputs.length), layer.name) }];
}

function lowerConcatenate(scope: LowerScope, layer: tf.layers.Layer, inputs: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const values = inputs.map((input) => requireValue(input, name));
  const [first] = values;
  const { slots, shape } = first.node;
  const { axis: given } = layer.getConfig() as { readonly axis: number };
  const axis = given < 0 ? given + shape.length : given - 1;
  const oneList =
    slots != null && axis === 2 && values.every(({ node, mask }) => node.slots === slots && mask === first.mask);
  const operands = oneList ? values.map(({ node }) => node) : denseImages(scope, values, name);
  const parts = overOneDivisor(scope, operands, name);
  const node = scope.graph.concat(`${name}.concat`, parts, { axis, layer: name });
  return [oneList ? { ...first, node } : { kind: 'value', node }];
}

function lowerPermute(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const { dims } = layer.getConfig() as unknown as { readonly dims: readonly number[] };
  const perm = dims.map((dim) => dim - 1);
  return [
    moved(scope, input, name, (scope, node) =>
      scope.graph.transpose(`${name}.permute`, denseImage(scope, node, name), { perm, layer: name }),
    ),
  ];
}

/** `[n] → [times, n]`. */
function lowerRepeat(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const { n } = layer.getConfig() as unknown as { readonly n: number };
  return [
    moved(scope, input, name, (scope, node) => {
      const row = scope.graph.reshape(`${name}.row`, node, { shape: [1, ...node.shape], layer: name });
      return scope.graph.take(`${name}.repeat`, row, { axis: 0, indices: new Array<number>(n).fill(0), layer: name });
    }),
  ];
}

/** `[[top, bottom], [left, right]]` cut off. */
function lowerCropping(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { cropping } = layer.getConfig() as unknown as { readonly cropping: readonly Pads[] };
  return takenAlongImage(scope, layer, input, (size, axis) => {
    const [before, after] = cropping[axis];
    return Array.from({ length: size - before - after }, (_, k) => before + k);
  });
}

/** Every row and column several times. */
function lowerUpSampling(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { size: factors } = layer.getConfig() as unknown as { readonly size: readonly number[] };
  return takenAlongImage(scope, layer, input, (size, axis) =>
    Array.from({ length: size * factors[axis] }, (_, k) => Math.floor(k / factors[axis])),
  );
}

function takenAlongImage(
  scope: LowerScope,
  layer: tf.layers.Layer,
  input: Lowered,
  indicesOf: (size: number, axis: number) => readonly number[],
): readonly Lowered[] {
  const { name } = layer;
  const { dataFormat } = layer.getConfig() as unknown as { readonly dataFormat?: string };
  if (dataFormat === 'channelsFirst') {
    throw new LowerError(name, "its dataFormat is 'channelsFirst'.", "Use 'channelsLast'.");
  }
  return [
    moved(scope, input, name, (scope, node) =>
      [0, 1].reduce(
        (x, axis) =>
          scope.graph.take(`${name}.${axis === 0 ? 'rows' : 'columns'}`, x, {
            axis,
            indices: indicesOf(x.shape[axis], axis),
            layer: name,
          }),
        denseImage(scope, node, name),
      ),
    ),
  ];
}

/** Slopes that hardware has exactly as a leaky rectifier, others as a table behind the next quantizer. */
function lowerPrelu(scope: LowerScope, layer: tf.layers.Layer, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name } = layer;
  const [alpha] = layer.getWeights();
  const slopes = hostValues(alpha).slice();
  const shape = [...alpha.shape];
  if (input.kind === 'value' && slopes.every(isDyadic) && input.node.divisor == null) {
    const x = denseImage(scope, input.node, name);
    const weights = weightsOf(Float32Array.from(slopes), shape, `Layer '${name}'`);
    return [{ kind: 'value', node: scope.graph.leakyRelu(`${name}.relu`, x, { alpha: weights, layer: name }) }];
  }
  const functions: ElementFunctions = {
    shape,
    key: (index) => String(slopes[index]),
    at: (index) => (x) => (x > 0 ? x : Math.fround(x * slopes[index]) + 0),
  };
  return [lowerFunction(scope, layer, input, functions, 'prelu')];
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
): Lowered {
  const { name } = layer;
  const exact = Object.values(constants).every((value) => value == null || isDyadic(value));
  if (exact && input.kind !== 'function') {
    const source = requireValue(input, name);
    return { ...source, node: lowerRectifier(scope, source.node, constants, name) };
  }
  // Not exact in hardware as a product: a table behind the next quantizer.
  const { node } = input.kind === 'function' ? input : requireValue(input, name);
  const [slope, most] = [Math.fround(constants.negativeSlope), constants.maxValue ?? Infinity];
  const unary = { value: (x: number) => Math.min(x > 0 ? x : slope * x + 0, most), slope: () => 0 };
  return lowerFunction(scope, layer, input, sameEverywhere(unary, node.shape.length), 'rectify');
}

function maxValueOf(layer: tf.layers.Layer): number | null {
  return (layer.getConfig() as { readonly maxValue?: number | null }).maxValue ?? null;
}

function dense(scope: LowerScope, layer: tf.layers.Layer, input: Lowered): GraphNode {
  const { node } = requireValue(input, layer.name);
  return denseImage(scope, node, layer.name);
}
