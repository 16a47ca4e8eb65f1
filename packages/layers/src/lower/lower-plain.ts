import type { GraphNode } from '@sp/quant';
import { oddPart } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { isDyadic } from '../layers/dyadic.ts';
import { Clip, ElementFunction, FunctionLayer, Rectifier } from '../layers/function-layers.ts';
import { MeanOfInputs } from '../layers/mean-of-inputs.ts';
import { ReduceAxes } from '../layers/reduce-axes.ts';
import { type ConstantTensor, ScaleShift } from '../layers/scale-shift.ts';
import { Take } from '../layers/take.ts';
import { ZeroPad } from '../layers/zero-pad.ts';
import { denseImage } from './dense-image.ts';
import { lowerFunction, sameEverywhere } from './functions.ts';
import { activated } from './lower-activation.ts';
import { constantLike } from './lower-affine.ts';
import { lowerRectifier } from './lower-function.ts';
import { lowerBinaryChain } from './lower-merge.ts';
import { refuseDivisor } from './lower-quantizer.ts';
import type { ElementFunctions } from './lowered.ts';
import { type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { moved } from './moved.ts';
import { weightsOf } from './weights.ts';

/** The plain layers of this package; null for any other layer. */
export function lowerPlain(
  scope: LowerScope,
  layer: tf.layers.Layer,
  inputs: readonly Lowered[],
): readonly Lowered[] | null {
  if (layer instanceof Take) return [lowerTake(scope, layer, inputs[0])];
  if (layer instanceof ZeroPad) {
    const { node } = requireValue(inputs[0], layer.name);
    const x = denseImage(scope, node, layer.name);
    return [{ kind: 'value', node: scope.graph.pad(`${layer.name}.pad`, x, { pads: layer.pads, layer: layer.name }) }];
  }
  if (layer instanceof ScaleShift) return [lowerScaleShift(scope, layer, inputs[0])];
  if (layer instanceof ReduceAxes) return [lowerReduceAxes(scope, layer, inputs[0])];
  if (layer instanceof MeanOfInputs) return [lowerMeanOfInputs(scope, layer, inputs)];
  if (layer instanceof Rectifier) return [lowerRectifierLayer(scope, layer, inputs[0])];
  if (layer instanceof Clip) return [lowerClip(scope, layer, inputs[0])];
  if (layer instanceof ElementFunction) return [activated(scope, layer, inputs[0], layer.activation)];
  if (layer instanceof FunctionLayer) return [functionOfLayer(scope, layer, inputs[0])];
  return null;
}

/** Chosen slices as nodes `<layer>.take`, `<layer>.shape`; a function of the same kind everywhere passes. */
function lowerTake(scope: LowerScope, layer: Take, input: Lowered): Lowered {
  const { name, selections, dropAxes } = layer;
  return moved(scope, input, name, (scope, given) => {
    let node = denseImage(scope, given, name);
    for (const [j, { axis, indices }] of selections.entries()) {
      const at = (axis < 0 ? axis + node.shape.length + 1 : axis) - 1;
      const step = j === 0 ? 'take' : `take_${j}`;
      node = scope.graph.take(`${name}.${step}`, node, { axis: at, indices, layer: name });
    }
    if (dropAxes.length === 0) return node;
    const shape = node.shape.filter((_, j) => !dropAxes.includes(j + 1));
    return scope.graph.reshape(`${name}.shape`, node, { shape: shape.length === 0 ? [1] : shape, layer: name });
  });
}

/** Constants that hardware has exactly as scale and offset, others as a table behind the next quantizer. */
function lowerScaleShift(scope: LowerScope, layer: ScaleShift, input: Lowered): Lowered {
  const { name, scale, divisor, offset } = layer;
  const constants = [scale, divisor, offset].filter((constant) => constant != null);
  const over = divisor == null ? 1 : wholeDivisor(divisor);
  const exact =
    over != null && [scale, offset].every((constant) => constant == null || constant.values.every(isDyadic));
  if (exact && input.kind === 'value') {
    const { node } = input;
    const odd = oddPart(over);
    const power = odd / over;
    const x = offset == null ? node : denseImage(scope, node, name);
    if (offset != null) refuseDivisor(x, name);
    // (x · s / 2^p + o · odd) / odd
    const factor = broadcast(scale ?? { shape: [], values: [1] }, x, (value) => value * power, name);
    const shift = offset == null ? null : broadcast(offset, x, (value) => value * odd, name);
    const result = scope.graph.scaleOffset(`${name}.scale`, x, {
      scale: factor,
      ...(shift == null ? {} : { offset: shift }),
      ...(odd === 1 ? {} : { over: odd }),
      layer: name,
    });
    return { ...input, node: result };
  }
  const { node } = input.kind === 'function' ? input : requireValue(input, name);
  const rank = node.shape.length;
  const shape = constants.reduce((all, constant) => {
    const own = aligned(constant.shape, rank);
    return all.map((extent, axis) => Math.max(extent, own[axis]));
  }, new Array<number>(rank).fill(1));
  const value = (constant: ConstantTensor | null, fallback: number): ((index: number) => number) => {
    if (constant == null) return () => fallback;
    const at = indexInto(aligned(constant.shape, rank), shape);
    return (index) => Math.fround(constant.values[at(index)]);
  };
  const [s, d, o] = [value(scale, 1), value(divisor, 1), value(offset, 0)];
  const functions: ElementFunctions = {
    shape,
    key: (index) => `${s(index)},${d(index)},${o(index)}`,
    at: (index) => (x) => Math.fround(Math.fround(Math.fround(x * s(index)) / d(index)) + o(index)),
  };
  return lowerFunction(scope, layer, input, functions, 'scale');
}

/** A positive whole number of at most 12 bits that everything is divided by, or null. */
function wholeDivisor({ values }: ConstantTensor): number | null {
  const [first] = values;
  return values.length === 1 && Number.isInteger(first) && first > 0 && first < 2 ** 12 ? first : null;
}

/** Sums, means and extrema as node `<layer>.reduce`. A result without axes has shape [1]. */
function lowerReduceAxes(scope: LowerScope, layer: ReduceAxes, input: Lowered): Lowered {
  const { name, mode, keepDims } = layer;
  const { node } = requireValue(input, name);
  refuseDivisor(node, name);
  const x = denseImage(scope, node, name);
  const options = { axes: layer.reduced(x.shape.length + 1).map((axis) => axis - 1), keepDims, layer: name };
  const step = { sum: 'sumOver', mean: 'meanOver', max: 'maxOver', min: 'minOver' } as const;
  return { kind: 'value', node: scope.graph[step[mode]](`${name}.reduce`, x, options) };
}

/** The sum of all inputs as nodes `<layer>.add`, …, then divided as `<layer>.mean`. */
function lowerMeanOfInputs(scope: LowerScope, layer: MeanOfInputs, inputs: readonly Lowered[]): Lowered {
  const { name } = layer;
  const sum = lowerBinaryChain(
    scope,
    'add',
    inputs.map((input) => requireValue(input, name)),
    name,
  );
  const count = inputs.length;
  const odd = oddPart(count);
  const scale = constantLike(sum.node, odd / count);
  const node = scope.graph.scaleOffset(`${name}.mean`, sum.node, {
    scale,
    ...(odd === 1 ? {} : { over: odd }),
    layer: name,
  });
  return { ...sum, node };
}

function lowerRectifierLayer(scope: LowerScope, layer: Rectifier, input: Lowered): Lowered {
  const { name, maxValue, negativeSlope, threshold } = layer;
  const exact = threshold === 0 && [maxValue ?? 0, negativeSlope].every(isDyadic) && maxValue !== 0;
  if (!exact || input.kind !== 'value') return functionOfLayer(scope, layer, input);
  return { ...input, node: lowerRectifier(scope, input.node, { maxValue, negativeSlope }, name) };
}

/** Bounds that hardware has exactly as nodes `<layer>.low`, `<layer>.high`. */
function lowerClip(scope: LowerScope, layer: Clip, input: Lowered): Lowered {
  const { name, min, max } = layer;
  if (input.kind !== 'value' || ![min ?? 0, max ?? 0].every(isDyadic)) return functionOfLayer(scope, layer, input);
  refuseDivisor(input.node, name);
  let node = denseImage(scope, input.node, name);
  const bound = (step: string, value: number): GraphNode =>
    scope.graph.constant(`${name}.${step}`, constantLike(node, value), { layer: name });
  if (min != null) node = scope.graph.max(`${name}.low`, node, bound('min', min), { layer: name });
  if (max != null) node = scope.graph.min(`${name}.high`, node, bound('max', max), { layer: name });
  return { kind: 'value', node };
}

function functionOfLayer(scope: LowerScope, layer: FunctionLayer, input: Lowered): Lowered {
  const { node } = input.kind === 'function' ? input : requireValue(input, layer.name);
  const functions = sameEverywhere(layer.unary, node.shape.length);
  return lowerFunction(scope, layer, input, functions, layer.getClassName());
}

/** A constant's values changed and laid out for the shape of `x`. */
function broadcast({ shape, values }: ConstantTensor, x: GraphNode, change: (value: number) => number, layer: string) {
  return weightsOf(Float32Array.from(values, change), aligned(shape, x.shape.length), `Layer '${layer}'`);
}

/** The shape of a constant with as many axes as the data without batch have. */
function aligned(shape: readonly number[], rank: number): readonly number[] {
  const own = shape.slice(Math.max(0, shape.length - rank));
  return [...new Array<number>(rank - own.length).fill(1), ...own];
}

/** Flat index into a tensor of shape `from` for a flat index of the tensor that it broadcasts to. */
function indexInto(from: readonly number[], to: readonly number[]): (index: number) => number {
  const strides = from.map((extent, axis) =>
    extent === 1 ? 0 : from.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  return (index) => {
    let rest = index;
    let found = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      found += (rest % to[axis]) * strides[axis];
      rest = Math.floor(rest / to[axis]);
    }
    return found;
  };
}
