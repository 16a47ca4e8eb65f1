import type { GraphNode } from '@sp/quant';
import { RtlError } from '../errors.ts';
import { argmaxBlock } from './argmax.ts';
import { binaryBlock } from './binary.ts';
import type { Block, BlockContext } from './block.ts';
import { denseBlock } from './dense.ts';
import { einsumBlock } from './einsum.ts';
import { leakyReluBlock, lutBlock, scaleOffsetBlock } from './functions.ts';
import { inputBlock } from './input.ts';
import { concatBlock, constantBlock, padBlock, reshapeBlock, takeBlock, transposeBlock } from './layout.ts';
import { overAxesBlock } from './over-axes.ts';
import { reduceBlock } from './reduce.ts';
import { reluBlock } from './relu.ts';
import { requantizeBlock } from './requantize-block.ts';
import { sparseConvBlock } from './sparse-conv.ts';
import { sparseFlattenBlock } from './sparse-flatten.ts';
import { sparsePoolBlock } from './sparse-pool.ts';
import type { Signals } from './value.ts';
import { convBlock, poolBlock } from './window.ts';

type Kind = Exclude<GraphNode['op'], 'extension'>;
type Blocks = { readonly [Op in Kind]: Block<Extract<GraphNode, { op: Op }>> };

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
  constant: constantBlock,
  conv1d: convBlock,
  conv2d: convBlock,
  pool1d: poolBlock,
  pool2d: poolBlock,
  leakyRelu: leakyReluBlock,
  scaleOffset: scaleOffsetBlock,
  lut: lutBlock,
  add: binaryBlock,
  sub: binaryBlock,
  mul: binaryBlock,
  max: binaryBlock,
  min: binaryBlock,
  concat: concatBlock,
  sumOver: overAxesBlock,
  meanOver: overAxesBlock,
  maxOver: overAxesBlock,
  minOver: overAxesBlock,
  reshape: reshapeBlock,
  transpose: transposeBlock,
  take: takeBlock,
  pad: padBlock,
  einsum: einsumBlock,
};

/** Kinds of node that have hardware. */
export const KINDS: readonly string[] = Object.keys(BLOCKS);

/**
 * The hardware of a node.
 *
 * @throws RtlError for a kind of node that has none
 */
export function buildBlock(context: BlockContext): Signals {
  const { node } = context;
  const block = BLOCKS[node.op as Kind] as unknown as Block<GraphNode> | undefined;
  if (block === undefined) {
    throw new RtlError(
      `node "${node.name}" is of kind ${node.op}, which has no hardware here: use one of ${KINDS.join(', ')}, or @sp/hls`,
    );
  }
  return block(context);
}
