import { DataError } from './data-error.ts';
import type { ElementType } from './typed-array.ts';

/** What the header of a `.npy` array says. */
export interface NpyHeader {
  readonly type: ElementType;
  readonly bigEndian: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin, in bytes from the start of the array. */
  readonly dataOffset: number;
}

/** Bytes of a `.npy` array that tell how long its header is. */
export const npyPrefix = 12;

const elementTypes: Readonly<Record<string, ElementType>> = {
  u1: 'uint8',
  // Booleans are 0 and 1. Not 'uint8', which images are divided by 256 for.
  b1: 'int8',
  i1: 'int8',
  u2: 'uint16',
  i2: 'int16',
  u4: 'uint32',
  i4: 'int32',
  u8: 'uint64',
  i8: 'int64',
  f4: 'float32',
  f8: 'float64',
};

/**
 * Length of the whole header, by its first `npyPrefix` bytes.
 *
 * @throws DataError for a wrong magic number.
 */
export function npyHeaderLength(prefix: Uint8Array, source: string, field: string): number {
  if (prefix.length < 10 || String.fromCharCode(...prefix.subarray(1, 6)) !== 'NUMPY' || prefix[0] !== 0x93) {
    throw new DataError(
      source,
      field,
      'not a NumPy array (its magic number is missing); save it with numpy.save or numpy.savez',
    );
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  if (prefix[6] < 2) return 10 + view.getUint16(8, true);
  return 12 + (prefix.length >= 12 ? view.getUint32(8, true) : 0);
}

/**
 * Reads the header that `bytes` begin with (versions 1–3).
 *
 * @throws DataError for a wrong magic number, a header cut short, another element type, or Fortran order.
 */
export function parseNpyHeader(bytes: Uint8Array, source: string, field: string): NpyHeader {
  const dataOffset = npyHeaderLength(bytes.subarray(0, npyPrefix), source, field);
  if (dataOffset > bytes.length) throw new DataError(source, field, 'the header is cut short; get the file again');
  const header = new TextDecoder('latin1').decode(bytes.subarray(bytes[6] < 2 ? 10 : npyPrefix, dataOffset));
  const dtype = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  const type = dtype === undefined ? undefined : elementTypes[dtype.slice(1)];
  if (type === undefined) {
    throw new DataError(
      source,
      field,
      `element type ${dtype ?? 'unknown'} is not a number type; save it as float32 or an integer type`,
    );
  }
  if (order !== 'False')
    throw new DataError(source, field, 'stored in Fortran order; save numpy.ascontiguousarray of it');
  if (dimensions === undefined) throw new DataError(source, field, 'the header names no shape; get the file again');
  const shape = dimensions
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  return { type, bigEndian: dtype?.startsWith('>') ?? false, shape, dataOffset };
}
