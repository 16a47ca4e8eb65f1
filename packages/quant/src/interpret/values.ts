import { NUMBER_BITS } from '../format/code-range.ts';
import type { Format, FormatTable } from '../format/format.ts';
import { formatAt } from '../format/format-table.ts';
import type { Codes } from '../quantize/quantize-array.ts';

/** A batch of dense tensors of codes: `[batch, …shape]` row-major. */
export interface DenseValue {
  readonly kind: 'dense';
  readonly batch: number;
  readonly shape: readonly number[];
  readonly codes: Codes;
}

/**
 * A batch of sparse lists standing for images of `shape` `[H, W, C]`. Slot `s` of image `b` has index `b · slots + s` in `valid`, `rows` and
 * `cols`, and its channel `c` index `(b · slots + s) · C + c` in `codes`. An invalid slot is all zero.
 */
export interface ListValue {
  readonly kind: 'list';
  readonly batch: number;
  readonly slots: number;
  readonly shape: readonly number[];
  readonly valid: Uint8Array;
  readonly rows: Int32Array;
  readonly cols: Int32Array;
  readonly codes: Codes;
}

/** What a node computes for a batch. */
export type Value = DenseValue | ListValue;

/** True when every code of the formats fits plain numbers, so that a value in these formats is a `Float64Array`. */
export function fitsNumbers(table: FormatTable): boolean {
  for (let j = 0; j < table.k.length; j++) if (!fits(formatAt(table, j))) return false;
  return true;
}

function fits({ i, f }: Format): boolean {
  return i + f <= NUMBER_BITS;
}

/** Zeroed codes of the representation that the formats ask for. */
export function allocateCodes(length: number, wide: boolean): Codes {
  return wide ? new Array<bigint>(length).fill(0n) : new Float64Array(length);
}

/** The codes as BigInts. */
export function toBigInts(codes: Codes): bigint[] {
  return codes instanceof Float64Array ? Array.from(codes, BigInt) : codes;
}
