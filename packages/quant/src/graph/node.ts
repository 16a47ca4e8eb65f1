import type { FormatTable } from '../format/format.ts';

/** Integer constants with one common scale: the real value is `codes[j] · 2^-f`. Codes are safe integers, row-major. */
export interface Weights {
  readonly shape: readonly number[];
  readonly codes: readonly number[];
  readonly f: number;
}

/** Zeros before the first and after the last position along one dimension. */
export type Pads = readonly [before: number, after: number];

/** What every node says. */
export interface NodeFields {
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

/** A node of which only this is known. */
export interface AnyNode extends NodeFields {
  readonly op: string;
}
