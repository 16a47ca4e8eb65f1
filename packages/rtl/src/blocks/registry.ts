import type { GraphNode } from '@sp/quant';
import { RtlError } from '../errors.ts';
import { argmaxBlock } from './argmax.ts';
import type { Block, BlockContext } from './block.ts';
import { denseBlock } from './dense.ts';
import { inputBlock } from './input.ts';
import { reduceBlock } from './reduce.ts';
import { reluBlock } from './relu.ts';
import { requantizeBlock } from './requantize-block.ts';
import { sparseConvBlock } from './sparse-conv.ts';
import { sparseFlattenBlock } from './sparse-flatten.ts';
import { sparsePoolBlock } from './sparse-pool.ts';
import type { Signals } from './value.ts';

type Blocks = { readonly [Op in GraphNode['op']]?: Block<Extract<GraphNode, { op: Op }>> };

const BLOCKS: Blocks = {
  input: inputBlock,
  reduce: reduceBlock,
  sparseConv2d: sparseConvBlock,
  sparsePool2d: sparsePoolBlock,
  sparseFlatten: sparseFlattenBlock,
  relu: reluBlock,
  requantize: requantizeBlock,
  dense: denseBlock,
  argmax: argmaxBlock,
};

/**
 * The hardware of a node.
 *
 * @throws RtlError for a kind of node that has none
 */
export function buildBlock(context: BlockContext): Signals {
  const { node } = context;
  const block = BLOCKS[node.op] as Block<GraphNode> | undefined;
  if (block === undefined) {
    throw new RtlError(
      `node "${node.name}" is of kind ${node.op}, which has no hardware here: use one of ${Object.keys(BLOCKS).join(', ')}, or @sp/hls`,
    );
  }
  return block(context);
}
