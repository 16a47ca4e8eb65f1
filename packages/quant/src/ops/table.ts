import type { AnyNode } from '../graph/node.ts';
import { argmaxOp } from './argmax.ts';
import { binaryOp } from './binary.ts';
import { concatOp } from './concat.ts';
import { constantOp } from './constant.ts';
import { conv1dOp, conv2dOp } from './convolution.ts';
import type { Form, OpDefinition } from './definition.ts';
import { denseOp } from './dense.ts';
import { einsumOp } from './einsum.ts';
import { extensionDefinition, extensionForm } from './extensions.ts';
import { inputOp } from './input.ts';
import { padOp, reshapeOp, takeOp, transposeOp } from './layout.ts';
import { leakyReluOp } from './leaky-relu.ts';
import { lutOp } from './lut.ts';
import type { GraphNode } from './nodes.ts';
import { overAxesOp } from './over-axes.ts';
import { pool1dOp, pool2dOp } from './pooling.ts';
import { reduceOp } from './reduce.ts';
import { reluOp } from './relu.ts';
import { requantizeOp } from './requantize.ts';
import { scaleOffsetOp } from './scale-offset.ts';
import { sparseConv2dOp } from './sparse-conv-2d.ts';
import { sparseFlattenOp } from './sparse-flatten.ts';
import { sparsePool2dOp } from './sparse-pool-2d.ts';

type Definitions = {
  readonly [Op in Exclude<GraphNode['op'], 'extension'>]: OpDefinition<Extract<GraphNode, { op: Op }>>;
};

const OPS: Definitions = {
  input: inputOp,
  constant: constantOp,
  requantize: requantizeOp,
  reduce: reduceOp,
  sparseConv2d: sparseConv2dOp,
  sparsePool2d: sparsePool2dOp,
  sparseFlatten: sparseFlattenOp,
  dense: denseOp,
  conv1d: conv1dOp,
  conv2d: conv2dOp,
  pool1d: pool1dOp,
  pool2d: pool2dOp,
  relu: reluOp,
  leakyRelu: leakyReluOp,
  scaleOffset: scaleOffsetOp,
  lut: lutOp,
  argmax: argmaxOp,
  add: binaryOp('add'),
  sub: binaryOp('sub'),
  mul: binaryOp('mul'),
  max: binaryOp('max'),
  min: binaryOp('min'),
  concat: concatOp,
  sumOver: overAxesOp('sumOver'),
  meanOver: overAxesOp('meanOver'),
  maxOver: overAxesOp('maxOver'),
  minOver: overAxesOp('minOver'),
  reshape: reshapeOp,
  transpose: transposeOp,
  take: takeOp,
  pad: padOp,
  einsum: einsumOp,
};

/**
 * What the op of a node means. The caller has checked that the op exists.
 *
 * @throws GraphError for an extension that is not registered
 */
export function definitionOf(node: GraphNode): OpDefinition<GraphNode> {
  if (node.op === 'extension') return extensionDefinition(node) as unknown as OpDefinition<GraphNode>;
  return OPS[node.op] as unknown as OpDefinition<GraphNode>;
}

/** The form of each op's own fields. */
export const forms: readonly (readonly [op: GraphNode['op'], form: Form<AnyNode>])[] = [
  ...Object.entries(OPS).map(([op, { form }]) => [op as keyof Definitions, form] as const),
  ['extension', extensionForm],
];
