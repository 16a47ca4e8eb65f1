export type { Format, FormatTable, OverflowMode, RoundMode } from './format/format.ts';
export type {
  ConstantNode,
  DenseNode,
  FixedGraph,
  GraphNode,
  InputNode,
  ReduceNode,
  ReluNode,
  RequantizeNode,
  SparseConv2dNode,
  SparseFlattenNode,
  SparsePool2dNode,
  Weights,
} from './graph/types.ts';
