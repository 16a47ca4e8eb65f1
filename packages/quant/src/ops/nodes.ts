/** The nodes of a fixed graph, told apart by `op`; each is described beside what it computes. */
import type { ArgmaxNode } from './argmax.ts';
import type { AddNode, MaxNode, MinNode, MulNode, SubNode } from './binary.ts';
import type { ConcatNode } from './concat.ts';
import type { ConstantNode } from './constant.ts';
import type { Conv1dNode, Conv2dNode } from './convolution.ts';
import type { DenseNode } from './dense.ts';
import type { EinsumNode } from './einsum.ts';
import type { ExtensionNode } from './extensions.ts';
import type { InputNode } from './input.ts';
import type { PadNode, ReshapeNode, TakeNode, TransposeNode } from './layout.ts';
import type { LeakyReluNode } from './leaky-relu.ts';
import type { LutNode } from './lut.ts';
import type { MaxOverNode, MeanOverNode, MinOverNode, SumOverNode } from './over-axes.ts';
import type { Pool1dNode, Pool2dNode } from './pooling.ts';
import type { ReduceNode } from './reduce.ts';
import type { ReluNode } from './relu.ts';
import type { RequantizeNode } from './requantize.ts';
import type { ScaleOffsetNode } from './scale-offset.ts';
import type { SparseConv2dNode } from './sparse-conv-2d.ts';
import type { SparseFlattenNode } from './sparse-flatten.ts';
import type { SparsePool2dNode } from './sparse-pool-2d.ts';

export type { ArgmaxNode } from './argmax.ts';
export type { AddNode, MaxNode, MinNode, MulNode, SubNode } from './binary.ts';
export type { ConcatNode } from './concat.ts';
export type { ConstantNode } from './constant.ts';
export type { Conv1dNode, Conv2dNode } from './convolution.ts';
export type { DenseNode } from './dense.ts';
export type { EinsumNode } from './einsum.ts';
export type { ExtensionNode } from './extensions.ts';
export type { InputNode } from './input.ts';
export type { PadNode, ReshapeNode, TakeNode, TransposeNode } from './layout.ts';
export type { LeakyReluNode } from './leaky-relu.ts';
export type { LutNode, LutTable } from './lut.ts';
export type { MaxOverNode, MeanOverNode, MinOverNode, SumOverNode } from './over-axes.ts';
export type { Pool1dNode, Pool2dNode } from './pooling.ts';
export type { ReduceNode } from './reduce.ts';
export type { ReluNode } from './relu.ts';
export type { RequantizeNode } from './requantize.ts';
export type { ScaleOffsetNode } from './scale-offset.ts';
export type { SparseConv2dNode } from './sparse-conv-2d.ts';
export type { SparseFlattenNode } from './sparse-flatten.ts';
export type { SparsePool2dNode } from './sparse-pool-2d.ts';

/** Any node of a fixed graph. */
export type GraphNode =
  | InputNode
  | ConstantNode
  | RequantizeNode
  | ReduceNode
  | SparseConv2dNode
  | SparsePool2dNode
  | SparseFlattenNode
  | DenseNode
  | Conv1dNode
  | Conv2dNode
  | Pool1dNode
  | Pool2dNode
  | ReluNode
  | LeakyReluNode
  | ScaleOffsetNode
  | LutNode
  | ArgmaxNode
  | AddNode
  | SubNode
  | MulNode
  | MaxNode
  | MinNode
  | ConcatNode
  | SumOverNode
  | MeanOverNode
  | MaxOverNode
  | MinOverNode
  | ReshapeNode
  | TransposeNode
  | PadNode
  | TakeNode
  | EinsumNode
  | ExtensionNode;
