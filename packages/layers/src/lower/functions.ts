import { type GraphNode, quantize, sizeOf } from '@sp/quant';
import { broadcastIndices, type FixedType } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import { evaluate, type UnaryFunction } from '../ops/unary-function.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { denseImage } from './dense-image.ts';
import { lowerAffine } from './lower-affine.ts';
import { elementQuantizer, lowerTables } from './lower-table.ts';
import type { ElementFunctions } from './lowered.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

type Value = Extract<Lowered, { kind: 'value' }>;
type Function = Extract<Lowered, { kind: 'function' }>;

/** One function for all elements of data of `rank` (without batch), rounded to float32 as tensors hold it. */
export function sameEverywhere(f: UnaryFunction, rank: number): ElementFunctions {
  return { shape: new Array<number>(rank).fill(1), key: () => '', at: () => (value) => evaluate(f, value) };
}

/** The identity, for data of `rank`. */
export function identityOf(rank: number): ElementFunctions {
  return { shape: new Array<number>(rank).fill(1), key: () => '', at: () => (value) => value };
}

/**
 * A function of the layer's input. The next quantizer makes it a table; where the user gave a precision, its result type
 * does at once, as node `<layer>.lut`.
 *
 * @param activeOnly of a sparse list whose mask follows the function
 */
export function lowerFunction(
  scope: LowerScope,
  layer: tf.layers.Layer,
  input: Lowered,
  functions: ElementFunctions,
  expression: string,
  activeOnly: boolean = false,
): Lowered {
  const { name } = layer;
  const types = scope.precisionOf(layer);
  const plain = composed(
    functions,
    types == null ? input : narrowed(scope, input, types.result, name),
    expression,
    name,
  );
  const whole = activeOnly ? { ...plain, activeOnly } : plain;
  if (types == null) return whole;
  const typed = ofType(types.result, whole.node.shape.length);
  return tableOf(scope, whole, typed, `${name}.lut`, name);
}

/** An argument that is wider than the result type in that type, as hls4ml hands sums to activations: `<layer>.argument`. */
function narrowed(scope: LowerScope, input: Lowered, type: FixedType, layer: string): Lowered {
  if (input.kind !== 'value') return input;
  const { format, round, overflow } = type;
  const { k, i, f } = input.node.format;
  if (k.every((sign, j) => sign + i[j] + f[j] <= format.k + format.i + format.f)) return input;
  const node = scope.graph.requantize(`${layer}.argument`, input.node, { to: format, round, overflow, layer });
  return { ...input, node };
}

/** A function and the quantizer behind it as one table, node `<layer>.<role>`. */
export function lowerQuantisedFunction(
  scope: LowerScope,
  lowered: Function,
  quantizer: Quantizer,
  layer: string,
  role: string,
): Value {
  const table = tableOf(scope, lowered, elementQuantizer(quantizer, layer), `${layer}.${role}`, layer);
  const node = lowerAffine(scope, table.node, quantizer, layer, role);
  return node.slots == null ? { kind: 'value', node } : { ...table, node };
}

/** A table of what `outer` makes of the function, with the names of node and layer that it gets. */
function tableOf(scope: LowerScope, lowered: Function, outer: ElementFunctions, name: string, layer: string): Value {
  const { functions, expression } = composed(outer, lowered, 'q', layer);
  const { node: source, mask } = lowered;
  if (source.divisor != null) {
    throw new LowerError(
      layer,
      `${lowered.expression} works on an average that was not rounded (divided by ${source.divisor}).`,
      'Put a quantizer between the average and the function.',
    );
  }
  // A slot of a list has no fixed pixel and must stay empty where it was: else the table works on the whole image.
  const uniform = functions.shape.slice(0, -1).every((extent) => extent === 1);
  const elsewhere = lowered.activeOnly === true ? outer : functions;
  const stays = source.slots != null && uniform && keepsZero(elsewhere);
  if (lowered.activeOnly === true && !stays) {
    throw new LowerError(
      layer,
      `its table of ${expression} has one format per pixel, while the slots of a sparse list have no fixed pixel.`,
      'Give the quantizer behind the activation one format per channel (iqConf: { heterogeneousAxis: [-1] }).',
    );
  }
  const x = stays ? source : denseImage(scope, source, layer);
  const node: GraphNode = lowerTables(scope, name, x, functions, { layer, expression });
  return stays && mask != null ? { kind: 'value', node, mask } : { kind: 'value', node };
}

/** `outer` of a value or of another function. */
export function composed(outer: ElementFunctions, input: Lowered, expression: string, layer: string): Function {
  if (input.kind !== 'function') {
    const { node, mask } = requireValue(input, layer);
    const base = { kind: 'function', node, functions: outer, expression: `${expression}(x)` } as const;
    return mask == null ? base : { ...base, mask };
  }
  const inner = input.functions;
  if (input.activeOnly === true && !keepsZero(outer)) {
    throw new LowerError(
      layer,
      `${expression} gives the empty pixels behind ${input.expression} a value.`,
      'Put a quantizer between the two.',
    );
  }
  const shape = inner.shape.map((extent, axis) => Math.max(extent, outer.shape[axis]));
  const [first, second] = [broadcastIndices(inner.shape, shape), broadcastIndices(outer.shape, shape)];
  const functions: ElementFunctions = {
    shape,
    key: (index) => `${inner.key(first[index])};${outer.key(second[index])}`,
    at: (index) => {
      const [f, g] = [inner.at(first[index]), outer.at(second[index])];
      return (value) => g(f(value));
    },
  };
  return {
    ...input,
    functions,
    expression: expression === 'q' ? input.expression : `${expression}(${input.expression})`,
  };
}

/** Whether every element maps 0 to 0, so that the empty pixels of a list stay empty. */
export function keepsZero({ shape, at }: ElementFunctions): boolean {
  return Array.from({ length: sizeOf(shape) }, (_, j) => at(j)(0) === 0).every(Boolean);
}

/** Rounding to one type. */
function ofType({ format, round, overflow }: FixedType, rank: number): ElementFunctions {
  return {
    shape: new Array<number>(rank).fill(1),
    key: () => '',
    at: () => (value) => quantize(value, format, round, overflow),
  };
}
