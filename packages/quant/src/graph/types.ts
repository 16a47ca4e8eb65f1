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
import type { FormatTable, OverflowMode, RoundMode } from '../format/format.ts';

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

/** Any node of a fixed graph, told apart by `op`. */
export type GraphNode =
  | InputNode
  | ConstantNode
  | RequantizeNode
  | ReduceNode
  | SparseConv2dNode
  | SparsePool2dNode
  | SparseFlattenNode
  | DenseNode
  | ReluNode;

/** A quantised network as plain data; `nodes` in topological order. */
export interface FixedGraph {
  readonly version: 1;
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Names of the nodes whose values leave the graph. */
  readonly outputs: readonly string[];
}
