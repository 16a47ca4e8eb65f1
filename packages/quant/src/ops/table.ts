import type { GraphNode } from '../graph/types.ts';
import { constantOp } from './constant.ts';
import type { OpDefinition } from './definition.ts';
import { denseOp } from './dense.ts';
import { inputOp } from './input.ts';
import { reduceOp } from './reduce.ts';
import { reluOp } from './relu.ts';
import { requantizeOp } from './requantize.ts';
import { sparseConv2dOp } from './sparse-conv-2d.ts';
import { sparseFlattenOp } from './sparse-flatten.ts';
import { sparsePool2dOp } from './sparse-pool-2d.ts';

type Definitions = { readonly [Op in GraphNode['op']]: OpDefinition<Extract<GraphNode, { op: Op }>> };

const OPS: Definitions = {
  input: inputOp,
  constant: constantOp,
  requantize: requantizeOp,
  reduce: reduceOp,
  sparseConv2d: sparseConv2dOp,
  sparsePool2d: sparsePool2dOp,
  sparseFlatten: sparseFlattenOp,
  dense: denseOp,
  relu: reluOp,
};

/** Names of all ops. */
export const OP_NAMES: readonly GraphNode['op'][] = Object.keys(OPS) as GraphNode['op'][];

/** What the op of a node means. The caller has checked that the op exists. */
export function definitionOf(node: GraphNode): OpDefinition<GraphNode> {
  return OPS[node.op] as unknown as OpDefinition<GraphNode>;
}
