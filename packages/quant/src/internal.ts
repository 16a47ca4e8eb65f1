/**
 * What `@sp/quant` holds but does not promise: what the other packages of this repository share
 * with it, and the types that name options, results and parts of its public functions, so that
 * every declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// Products with constant matrices as additions and shifts

export type { Adder, AdderGraph, AdderOutput } from './adders/adder-graph.ts';
export type { ShareOptions } from './adders/share-adders.ts';
export type { SignedDigit } from './adders/signed-digits.ts';
export type { AdderType } from './adders/typed-adders.ts';

// Formats

export type { CodeRange } from './format/code-range.ts';
export type { FormatTable } from './format/format.ts';
export { broadcastIndices, type ExpandedFormats, type FormatArrays, formatAt } from './format/format-table.ts';
export { minimalIntegerBitsOfWidth } from './format/minimal.ts';
export { powerOfTwo } from './format/power-of-two.ts';
export { type FixedType, OVERFLOW_MODES, ROUND_MODES, type TypeSpec } from './format/type-string.ts';

// Exact arithmetic

export type { Reciprocal } from './arithmetic/reciprocal.ts';

// Quantisation

export type { Minifloat } from './quantize/minifloat.ts';
export type { RoundName } from './quantize/modes.ts';
export type { ArrayQuantizer } from './quantize/quantize-array.ts';

// The fixed graph

export type { AxesOptions, CastModes, FormatChoice, GraphBuilder, NodeOptions } from './graph/builder.ts';
export type { Pads } from './graph/node.ts';
export type { Interval, Ranges } from './graph/ranges.ts';
export type { SavedGraph } from './graph/save.ts';

// The nodes of a graph

export type { ArgmaxNode } from './ops/argmax.ts';
export type { AddNode, BinaryNode, MaxNode, MinNode, MulNode, SubNode } from './ops/binary.ts';
export type { ConcatNode } from './ops/concat.ts';
export type { ConstantNode } from './ops/constant.ts';
export type { Conv1dNode, Conv2dNode } from './ops/convolution.ts';
export type { DenseNode } from './ops/dense.ts';
export type { EinsumNode } from './ops/einsum.ts';
export type { InputNode } from './ops/input.ts';
export type { PadNode, ReshapeNode, TakeNode, TransposeNode } from './ops/layout.ts';
export type { LeakyReluNode } from './ops/leaky-relu.ts';
export type { LutNode, LutTable } from './ops/lut.ts';
export type { MaxOverNode, MeanOverNode, MinOverNode, OverAxesNode, SumOverNode } from './ops/over-axes.ts';
export type { Pool1dNode, Pool2dNode } from './ops/pooling.ts';
export type { ReduceNode } from './ops/reduce.ts';
export type { ReluNode } from './ops/relu.ts';
export type { RequantizeNode } from './ops/requantize.ts';
export type { ScaleOffsetNode } from './ops/scale-offset.ts';
export type { SparseConv2dNode } from './ops/sparse-conv-2d.ts';
export type { SparseFlattenNode } from './ops/sparse-flatten.ts';
export type { SparsePool2dNode } from './ops/sparse-pool-2d.ts';

// What can be done with a graph

export { rebuild } from './simplify/rewrite.ts';
export type { NodeStatistics } from './statistics/graph-statistics.ts';

// The interpreter

export type { InputData, Interpretation, InterpretOptions } from './interpret/interpret.ts';
export type { DenseValue, ListValue, Value } from './interpret/values.ts';

// Function tables (expressions as text: '@sp/quant/expression')

export type { LutResult } from './lut/lut-table.ts';
export type { Cast, SoftmaxOptions } from './lut/softmax.ts';

// Ops from outside

export type { Inferred, Operand, RunContext, Runner } from './ops/definition.ts';
export type { AttributeValue, ExtensionNode } from './ops/extensions.ts';
