import { readFrom, unpackEntry, type ZipEntry, zipDirectory } from '@sp/layers/formats';
import { DataError } from './data-error.ts';
import { npyBytes, npyHeaderLength, npyPrefix, parseNpyHeader } from './npy-header.ts';
import { parseNpy } from './parse-npy.ts';
import { checkSize, type SizeLimit } from './size-limit.ts';
import type { NumberArray } from './typed-array.ts';
import { arrayEntry, arrayName, zipError } from './zip-arrays.ts';

/**
 * Reads the arrays of a NumPy `.npz` file (`numpy.savez` or `savez_compressed`), by name. `wanted` limits which are unpacked: the others may be of
 * any type. Every array is checked against its CRC-32, and of two of one name the last counts, as for NumPy.
 *
 * @throws DataError if it is no zip file, is damaged, one of the arrays is larger than `maxBytes` or than its own header says, or cannot be read (see
 *   `parseNpy`).
 */
export function parseNpz(
  bytes: Uint8Array,
  source: string,
  wanted?: readonly string[],
  limit: SizeLimit = {},
): ReadonlyMap<string, NumberArray> {
  const entries = npzDirectory(bytes, source);
  const names = new Set([...entries.keys()].map(arrayName).filter((name) => wanted?.includes(name) ?? true));
  return new Map(
    [...names].map((name) => [name, unpackArray(bytes, arrayEntry(entries, name) as ZipEntry, name, source, limit)]),
  );
}

/** Names of the arrays of a NumPy `.npz` file, of whatever type they are. @throws DataError if it is no zip file or damaged. */
export function npzNames(bytes: Uint8Array, source: string): readonly string[] {
  return [...new Set([...npzDirectory(bytes, source).keys()].map(arrayName))];
}

function npzDirectory(bytes: Uint8Array, source: string): ReadonlyMap<string, ZipEntry> {
  try {
    return readFrom(bytes, zipDirectory(bytes.length));
  } catch (cause) {
    throw zipError(cause, source);
  }
}

function unpackArray(bytes: Uint8Array, entry: ZipEntry, name: string, source: string, limit: SizeLimit): NumberArray {
  const field = `array '${name}'`;
  checkSize(entry.size, limit, source, field);
  /** Before the memory for all of it is taken. */
  const checkStart = (first: Uint8Array, size: number): void => {
    const length = npyHeaderLength(first.subarray(0, npyPrefix), source, field);
    if (length > first.length) return;
    const promised = npyBytes(parseNpyHeader(first, source, field));
    if (promised !== size) throw wrongSize(promised, size, source, field);
  };
  try {
    return parseNpy(unpackEntry(bytes, entry, checkStart), source, field);
  } catch (cause) {
    throw zipError(cause, source);
  }
}

function wrongSize(promised: number, size: number, source: string, field: string): DataError {
  return new DataError(source, field, `${size} bytes, but its header promises ${promised}; get the file again`);
}
