import { QuantError } from '../quant-error.ts';
import { checkFormat } from './code-range.ts';
import type { Format, FormatTable } from './format.ts';

/** Bits of a table, each one value for all entries or an array in row-major order of the table's shape. */
export interface FormatArrays {
  readonly k: 0 | 1 | ArrayLike<number>;
  readonly i: number | ArrayLike<number>;
  readonly f: number | ArrayLike<number>;
}

/** Number of elements of a shape; 1 for the empty shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/**
 * A checked format table of `shape` (the table's own, with 1 in every dimension that shares a format).
 *
 * @throws QuantError for bits that are not integers, `k` other than 0 or 1, or arrays of the wrong length
 * @example formatTable([1, 1, 1], { k: 1, i: 2, f: 5 }) // one format for a whole image
 * @example formatTable([1, 1, 2], { k: 0, i: [1, 2], f: 6 }) // one per channel
 */
export function formatTable(shape: readonly number[], formats: Format | FormatArrays): FormatTable {
  const size = sizeOf(shape);
  const fill = (name: string, bits: number | ArrayLike<number>): number[] => {
    if (typeof bits === 'number') return new Array<number>(size).fill(bits);
    if (bits.length !== size) {
      throw new QuantError(`format table [${shape}]: ${name} has ${bits.length} entries; give ${size}`);
    }
    return Array.from(bits);
  };
  const table = {
    shape: [...shape],
    k: fill('k', formats.k) as (0 | 1)[],
    i: fill('i', formats.i),
    f: fill('f', formats.f),
  };
  checkTable(table, `format table [${shape}]`);
  return table;
}

/**
 * Fails unless `table` is well formed.
 *
 * @throws QuantError naming `where` and the entry
 */
export function checkTable(table: FormatTable, where: string): void {
  const size = sizeOf(table.shape);
  for (const name of ['k', 'i', 'f'] as const) {
    if (table[name].length !== size) {
      throw new QuantError(
        `${where}: ${name} has ${table[name].length} entries for shape [${table.shape}]; give ${size}`,
      );
    }
  }
  for (let j = 0; j < size; j++) checkFormat(formatAt(table, j), `${where}, entry ${j}`);
}

/** Entry `index` of the table itself (no broadcasting). */
export function formatAt(table: FormatTable, index: number): Format {
  return { k: table.k[index], i: table.i[index], f: table.f[index] };
}

/** True when a table (or array) of shape `from` can be broadcast to `to`: same rank, each dimension equal or 1. */
export function broadcasts(from: readonly number[], to: readonly number[]): boolean {
  return from.length === to.length && from.every((length, d) => length === 1 || length === to[d]);
}

/**
 * For every element of `to`, in row-major order, the index into an array of shape `from`.
 *
 * @throws QuantError when `from` does not broadcast to `to`
 */
export function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
  if (!broadcasts(from, to)) {
    throw new QuantError(`shape [${from}] does not broadcast to [${to}]; use the same rank with 1 or the full size`);
  }
  const indices = new Int32Array(sizeOf(to));
  if (sizeOf(from) === 1) return indices;
  let block = 1;
  let stride = 1;
  for (let d = to.length - 1; d >= 0; d--) {
    const step = from[d] === 1 ? 0 : stride;
    if (step > 0) {
      for (let j = 0; j < indices.length; j++) indices[j] += step * (Math.floor(j / block) % to[d]);
    }
    block *= to[d];
    stride *= from[d];
  }
  return indices;
}

/** Formats of every element of `shape`, row-major. */
export interface ExpandedFormats {
  readonly k: Uint8Array;
  readonly i: Int32Array;
  readonly f: Int32Array;
}

/**
 * The table broadcast to `shape`, one entry per element.
 *
 * @throws QuantError when the table does not broadcast to `shape`
 */
export function expandFormats(table: FormatTable, shape: readonly number[]): ExpandedFormats {
  const indices = broadcastIndices(table.shape, shape);
  const k = new Uint8Array(indices.length);
  const i = new Int32Array(indices.length);
  const f = new Int32Array(indices.length);
  for (let j = 0; j < indices.length; j++) {
    k[j] = table.k[indices[j]];
    i[j] = table.i[indices[j]];
    f[j] = table.f[indices[j]];
  }
  return { k, i, f };
}

/**
 * Format of element `flatIndex` (row-major) of a tensor of `shape`.
 *
 * @throws QuantError when the table does not broadcast to `shape` or the index is outside it
 */
export function formatOf(table: FormatTable, shape: readonly number[], flatIndex: number): Format {
  if (!broadcasts(table.shape, shape)) {
    throw new QuantError(`format table [${table.shape}] does not broadcast to [${shape}]`);
  }
  if (!Number.isInteger(flatIndex) || flatIndex < 0 || flatIndex >= sizeOf(shape)) {
    throw new QuantError(`element ${flatIndex} of a tensor of shape [${shape}] does not exist`);
  }
  let rest = flatIndex;
  let index = 0;
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (table.shape[d] !== 1) index += (rest % shape[d]) * stride;
    rest = Math.floor(rest / shape[d]);
    stride *= table.shape[d];
  }
  return formatAt(table, index);
}

/** The one format that holds every entry of the table; entries of width ≤ 0 ask for nothing. */
export function tableUnion(table: FormatTable): Format {
  return unionFormats(table.k.map((_, j) => formatAt(table, j)));
}

/** The narrowest format that holds all given ones. Formats of width ≤ 0 ask for nothing; none at all gives width 0. */
export function unionFormats(formats: readonly Format[]): Format {
  let union: Format | undefined;
  for (const format of formats) {
    if (format.k + format.i + format.f <= 0) continue;
    union =
      union === undefined
        ? format
        : { k: union.k || format.k ? 1 : 0, i: Math.max(union.i, format.i), f: Math.max(union.f, format.f) };
  }
  return union ?? { k: 0, i: 0, f: 0 };
}
