import type { GraphNode } from '@sp/quant';
import type { GraphBuilder } from '@sp/quant/internal';
import { LayerError } from '../layer-error.ts';
import { QAdd, QAveragePow2, type QElementwise, QMaximum, QMinimum, QMultiply } from '../layers/merge-layers.ts';
import type { QMerge } from '../layers/q-merge.ts';
import type { QMeanPow2, QSum } from '../layers/q-sum.ts';
import { denseImage } from './dense-image.ts';
import { overOneDivisor } from './divisors.ts';
import { constantLike } from './lower-affine.ts';
import { lowerActivationQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { Lowered, LowerScope } from './lowered.ts';

type Value = Extract<Lowered, { kind: 'value' }>;

/** The element-wise operations of the graph that take two operands. */
export type BinaryStep = 'add' | 'sub' | 'mul' | 'max' | 'min';

/** An element-wise merge as nodes `.iq`, `.iq_1`, …, one `.add` (`.mul`, …) for each further input, `.scale`, `.oq`. */
export function lowerElementwise(
  scope: LowerScope,
  layer: QElementwise,
  inputs: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  const merged = lowerBinaryChain(scope, stepOf(layer), quantisedInputs(scope, layer, inputs), name);
  const shift = layer instanceof QAveragePow2 ? layer.shift : 0;
  const y = { ...merged, node: lowerPowerOfTwo(scope, merged.node, shift, name) };
  return [lowerActivationQuantizer(scope, y, layer.oq, name, 'oq')];
}

/** Inputs through their own quantizers. */
export function quantisedInputs(scope: LowerScope, layer: QMerge, inputs: readonly Lowered[]): readonly Value[] {
  return inputs.map((input, index) =>
    lowerActivationQuantizer(scope, input, layer.iqs[index] ?? null, layer.name, index === 0 ? 'iq' : `iq_${index}`),
  );
}

/** Combines values from left to right. Lists on the same active pixels stay a list; anything else becomes dense. */
export function lowerBinaryChain(scope: LowerScope, step: BinaryStep, values: readonly Value[], layer: string): Value {
  const [first] = values;
  const { slots, shape } = first.node;
  const oneList =
    slots != null &&
    values.every(({ node, mask }) => node.slots === slots && mask === first.mask && node.shape.join() === shape.join());
  const operands = oneList ? values.map(({ node }) => node) : denseImages(scope, values, layer);
  // A product multiplies the divisors itself.
  const parts = step === 'mul' ? operands : overOneDivisor(scope, operands, layer);
  const node = parts.slice(1).reduce((left, right, index) => {
    const suffix = index === 0 ? '' : `_${index}`;
    return combine(scope.graph, step, `${layer}.${step}${suffix}`, left, right, layer);
  }, parts[0]);
  return oneList ? { ...first, node } : { kind: 'value', node };
}

/** All values as dense tensors. */
export function denseImages(scope: LowerScope, values: readonly Value[], layer: string): readonly GraphNode[] {
  return values.map(({ node }, index) =>
    denseImage(scope, node, layer, index === 0 ? layer : `${layer}.input_${index}`),
  );
}

/** `2^shift · x`, exact. */
export function lowerPowerOfTwo(scope: LowerScope, x: GraphNode, shift: number, layer: string): GraphNode {
  if (shift === 0) return x;
  return scope.graph.scaleOffset(`${layer}.scale`, x, { scale: constantLike(x, 2 ** shift), layer });
}

/** A sum over axes as nodes `.iq`, `.sum`, `.scale`, `.oq`. */
export function lowerQSum(scope: LowerScope, layer: QSum | QMeanPow2, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name, keepDims } = layer;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq').node;
  refuseDivisor(source, name);
  const x = denseImage(scope, source, name);
  const axes = layer.summedAxes.map((axis) => axis - 1);
  const sum = scope.graph.sumOver(`${name}.sum`, x, { axes, keepDims, layer: name });
  const y: Lowered = { kind: 'value', node: lowerPowerOfTwo(scope, sum, Math.log2(layer.scale), name) };
  return [lowerActivationQuantizer(scope, y, layer.oq, name, 'oq')];
}

function combine(
  graph: GraphBuilder,
  step: BinaryStep,
  name: string,
  a: GraphNode,
  b: GraphNode,
  layer: string,
): GraphNode {
  switch (step) {
    case 'add':
      return graph.add(name, a, b, { layer });
    case 'sub':
      return graph.sub(name, a, b, { layer });
    case 'mul':
      return graph.mul(name, a, b, { layer });
    case 'max':
      return graph.max(name, a, b, { layer });
    case 'min':
      return graph.min(name, a, b, { layer });
    default:
      throw new LayerError(`Unknown step '${String(step satisfies never)}'.`);
  }
}

function stepOf(layer: QElementwise): BinaryStep {
  if (layer instanceof QAdd) return 'add';
  if (layer instanceof QMultiply) return 'mul';
  if (layer instanceof QMaximum) return 'max';
  if (layer instanceof QMinimum) return 'min';
  return 'sub';
}
