/**
 * The fixed graph: a quantised network as plain, readonly, JSON-serialisable data.
 *
 * Every value is an array of integer codes in known formats. Every op is exact; the only ops that lose
 * information are `requantize` and `input` (reals to codes). What each op computes is written in prose in
 * `docs/fixed-graph.md` and executed by `interpret`.
 *
 * Two kinds of value travel along the edges:
 * - a **dense tensor** of `shape`;
 * - a **sparse list** of `slots` entries standing for an image of `shape` `[H, W, C]`: per slot a `valid` bit, a
 *   pixel (row, column) and `C` codes. An invalid slot has row, column and codes 0. A valid slot stays valid
 *   although its codes may all be 0. Formats of a list are per channel: its format table has shape `[1, 1, C]` or `[1, 1, 1]`.
 *
 * The real value of a code is `code · 2^-f / divisor`.
 */
import type { Format, FormatTable, OverflowMode, RoundMode } from '../format/format.ts';

/** Integer constants with one common scale: the real value is `codes[j] · 2^-f`. Codes are safe integers, row-major. */
export interface Weights {
  readonly shape: readonly number[];
  readonly codes: readonly number[];
  readonly f: number;
}

interface NodeFields {
  /** Unique within the graph. */
  readonly name: string;
  /** Names of the nodes that feed this one, all earlier in `nodes`. */
  readonly inputs: readonly string[];
  /** Logical shape without the batch dimension; `[H, W, C]` for a sparse list. */
  readonly shape: readonly number[];
  /** The formats that hold the codes; broadcast to `shape`. */
  readonly format: FormatTable;
  /** Present exactly when the value is a sparse list: its number of slots. */
  readonly slots?: number;
  /** The value is `code · 2^-f / divisor`. Absent means 1. Odd and > 1 when present (powers of two live in `f`). */
  readonly divisor?: number;
  /** Name of the model layer this node was lowered from; a layer's result is its last node. */
  readonly layer?: string;
}

/** Entry of data. Reals are turned into codes with the given modes; codes pass as they are. */
export interface InputNode extends NodeFields {
  readonly op: 'input';
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
}

/** A constant tensor. */
export interface ConstantNode extends NodeFields {
  readonly op: 'constant';
  readonly value: Weights;
}

/**
 * The only lossy step: value / divisor is rounded and its overflow handled in format `to` (broadcast to `shape`; may be one format per
 * position even for a sparse list), then the result is written, unchanged in value, in the wider-or-equal `format`.
 */
export interface RequantizeNode extends NodeFields {
  readonly op: 'requantize';
  readonly to: FormatTable;
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
}

/** First `slots` pixels in raster order whose channel-0 code is > `threshold` (a code of channel 0's format). Dense image → list. */
export interface ReduceNode extends NodeFields {
  readonly op: 'reduce';
  readonly slots: number;
  readonly threshold: number;
}

/**
 * Cross-correlation restricted to the valid slots (stride 1, same active set in and out), odd kernel, zero padding.
 * `bias` of filter f is added where the accumulated value of (slot, f) is not 0.
 */
export interface SparseConv2dNode extends NodeFields {
  readonly op: 'sparseConv2d';
  readonly slots: number;
  /** Shape `[kh, kw, C, F]`. */
  readonly kernel: Weights;
  /** Shape `[F]`. */
  readonly bias?: Weights;
}

/**
 * Non-overlapping pooling of a list. The first valid slot of a cell carries it, later ones become invalid; pixels of partial border cells
 * (beyond `⌊H/ph⌋ × ⌊W/pw⌋`) become invalid. 'avg': the sum is kept and the division by ph·pw goes into `f` (its power of two) and `divisor`
 * (its odd part). 'max': largest code among the cell's pixels, empty pixels counting as 0.
 */
export interface SparsePool2dNode extends NodeFields {
  readonly op: 'sparsePool2d';
  readonly slots: number;
  readonly mode: 'avg' | 'max';
  readonly pool: readonly [number, number];
}

/** List → dense tensor `[H · W · C]`, zero where no slot is valid. */
export interface SparseFlattenNode extends NodeFields {
  readonly op: 'sparseFlatten';
}

/** `y[…, u] = Σ_j x[…, j] · kernel[j, u] + bias[u]`. */
export interface DenseNode extends NodeFields {
  readonly op: 'dense';
  /** Shape `[in, out]`. */
  readonly kernel: Weights;
  /** Shape `[out]`. */
  readonly bias?: Weights;
}

/** `max(0, x)` on a tensor or a list. */
export interface ReluNode extends NodeFields {
  readonly op: 'relu';
}

/** Zeros before the first and after the last position along one dimension. */
export type Pads = readonly [before: number, after: number];

/** `y[l, f] = Σ x[l · stride + a · dilation - pads[0], c] · kernel[a, c, f] + bias[f]` on `[L, C]`, zeros outside. */
export interface Conv1dNode extends NodeFields {
  readonly op: 'conv1d';
  /** Shape `[k, C / groups, F]`. */
  readonly kernel: Weights;
  /** Shape `[F]`. */
  readonly bias?: Weights;
  readonly stride: number;
  readonly pads: Pads;
  readonly dilation: number;
  /** Filters `g · F / groups …` see only channels `g · C / groups …`; `C` groups make a depthwise convolution. */
  readonly groups: number;
}

/** The same in two dimensions, on `[H, W, C]`. */
export interface Conv2dNode extends NodeFields {
  readonly op: 'conv2d';
  /** Shape `[kh, kw, C / groups, F]`. */
  readonly kernel: Weights;
  /** Shape `[F]`. */
  readonly bias?: Weights;
  readonly strides: readonly [number, number];
  readonly pads: readonly [Pads, Pads];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/**
 * Pooling windows over `[L, C]`. 'max': largest value in the window, padding left out. 'avg': the sum divided by the number of pixels
 * in the window, padding not counted unless `countPads`; the common denominator of all windows goes into `f` and `divisor`.
 */
export interface Pool1dNode extends NodeFields {
  readonly op: 'pool1d';
  readonly mode: 'avg' | 'max';
  readonly pool: number;
  readonly stride: number;
  readonly pads: Pads;
  readonly countPads: boolean;
}

/** The same over `[H, W, C]`. */
export interface Pool2dNode extends NodeFields {
  readonly op: 'pool2d';
  readonly mode: 'avg' | 'max';
  readonly pool: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [Pads, Pads];
  readonly countPads: boolean;
}

/**
 * `(x · scale + offset) / over`, scale and offset broadcast to the input's shape; on a list only where a slot is valid.
 * `over` is odd and multiplies the divisor; a value that has a divisor takes no offset.
 */
export interface ScaleOffsetNode extends NodeFields {
  readonly op: 'scaleOffset';
  readonly scale: Weights;
  readonly offset?: Weights;
  /** Default 1. */
  readonly over?: number;
}

/** `x` where it is positive, else `x · alpha`, broadcast to the input's shape. */
export interface LeakyReluNode extends NodeFields {
  readonly op: 'leakyRelu';
  readonly alpha: Weights;
}

/** A function table addressed by all bits of a code. */
export interface LutTable {
  /** Format of the codes that address it; `2^width` entries, one when the width is 0 or less. */
  readonly from: Format;
  /** Entry `j` belongs to the code whose two's-complement bits, read as an unsigned number, are `j`. */
  readonly codes: readonly number[];
}

/** Any function of one code, by table. All results have `f` fraction bits. On a list only valid slots are looked up. */
export interface LutNode extends NodeFields {
  readonly op: 'lut';
  readonly tables: readonly LutTable[];
  readonly f: number;
  /** Which table an element uses: indices over a shape that broadcasts to the input's. Absent means table 0 for all. */
  readonly choice?: { readonly shape: readonly number[]; readonly index: readonly number[] };
  /** The function as text, for readers and reports. */
  readonly expression?: string;
}

/** First position of the largest value along the last dimension: its index, or 1 there and 0 elsewhere. */
export interface ArgmaxNode extends NodeFields {
  readonly op: 'argmax';
  readonly result: 'index' | 'oneHot';
}

/** Elementwise arithmetic of two tensors of equal rank, broadcast; or of two lists with the same active pixels. */
export interface BinaryNode<Op extends 'add' | 'sub' | 'mul' | 'max' | 'min'> extends NodeFields {
  readonly op: Op;
}

/** Tensors one after the other along `axis`; or lists with the same active pixels along the channels (axis 2). */
export interface ConcatNode extends NodeFields {
  readonly op: 'concat';
  readonly axis: number;
}

/** Sum, mean (division in `f` and `divisor`), largest or smallest value over `axes`. */
export interface OverAxesNode<Op extends 'sumOver' | 'meanOver' | 'maxOver' | 'minOver'> extends NodeFields {
  readonly op: Op;
  readonly axes: readonly number[];
  /** Keep the reduced dimensions with length 1. */
  readonly keepDims: boolean;
}

/** The same codes in the same row-major order under another shape (the node's `shape`). Also the op of a dense flatten. */
export interface ReshapeNode extends NodeFields {
  readonly op: 'reshape';
}

/** Dimension `d` of the result is dimension `perm[d]` of the input. */
export interface TransposeNode extends NodeFields {
  readonly op: 'transpose';
  readonly perm: readonly number[];
}

/** Slices along one dimension in any order and number: slice `j` of the result is slice `indices[j]` of the input. */
export interface TakeNode extends NodeFields {
  readonly op: 'take';
  readonly axis: number;
  readonly indices: readonly number[];
}

/** Zeros around a tensor; one pair per dimension. */
export interface PadNode extends NodeFields {
  readonly op: 'pad';
  readonly pads: readonly Pads[];
}

/**
 * Sum of products of two tensors by an equation like `ij,jk->ik` (labels are single letters, batch not written, none twice in one operand).
 */
export interface EinsumNode extends NodeFields {
  readonly op: 'einsum';
  readonly equation: string;
}

export type AddNode = BinaryNode<'add'>;
export type SubNode = BinaryNode<'sub'>;
export type MulNode = BinaryNode<'mul'>;
export type MaxNode = BinaryNode<'max'>;
export type MinNode = BinaryNode<'min'>;
export type SumOverNode = OverAxesNode<'sumOver'>;
export type MeanOverNode = OverAxesNode<'meanOver'>;
export type MaxOverNode = OverAxesNode<'maxOver'>;
export type MinOverNode = OverAxesNode<'minOver'>;

/** Any node of a fixed graph, told apart by `op`. */
/** Data of an extension's node: what JSON holds. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** An op from outside this package, which `registerOp` has made known. */
export interface ExtensionNode extends NodeFields {
  readonly op: 'extension';
  /** The name it was registered with. */
  readonly extension: string;
  readonly attributes: { readonly [key: string]: AttributeValue };
}

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

/** A quantised network as plain data; `nodes` in topological order. */
export interface FixedGraph {
  readonly version: 1;
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Names of the nodes whose values leave the graph. */
  readonly outputs: readonly string[];
}
