import { DataError } from './data-error.ts';
import { type ElementType, elementWidth, machineIsBigEndian } from './typed-array.ts';

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
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/**
 * Length of the whole header, by its first `npyPrefix` bytes.
 *
 * @throws DataError for a wrong magic number or a version that is not known.
 */
export function npyHeaderLength(prefix: Uint8Array, source: string, field: string): number {
  if (prefix.length < 10 || String.fromCharCode(...prefix.subarray(1, 6)) !== 'NUMPY' || prefix[0] !== 0x93) {
    throw new DataError(
      source,
      field,
      'not a NumPy array (its magic number is missing); save it with numpy.save or numpy.savez',
    );
  }
  const [major, minor] = prefix.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) {
    throw new DataError(
      source,
      field,
      `version ${major}.${minor} of the NumPy format is not known; get the file again`,
    );
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  if (major === 1) return 10 + view.getUint16(8, true);
  return 12 + (prefix.length >= 12 ? view.getUint32(8, true) : 0);
}

/** Bytes of a whole `.npy` array as its header promises. */
export function npyBytes({ type, shape, dataOffset }: NpyHeader): number {
  return dataOffset + shape.reduce((product, size) => product * size, 1) * elementWidth(type);
}

/**
 * Reads the header that `bytes` begin with (versions 1–3).
 *
 * @throws DataError for a wrong magic number, a header cut short or that says something twice, another element type, Fortran order, or a
 * shape that is none.
 */
export function parseNpyHeader(bytes: Uint8Array, source: string, field: string): NpyHeader {
  const dataOffset = npyHeaderLength(bytes.subarray(0, npyPrefix), source, field);
  if (dataOffset > bytes.length) throw new DataError(source, field, 'the header is cut short; get the file again');
  const header = new TextDecoder('latin1').decode(bytes.subarray(bytes[6] < 2 ? 10 : npyPrefix, dataOffset));
  const value = (key: string, pattern: RegExp): string | undefined => {
    if (header.split(`'${key}'`).length > 2) {
      throw new DataError(source, field, `its header says '${key}' twice; get the file again`);
    }
    return pattern.exec(header)?.[1];
  };
  const dtype = value('descr', /'descr'\s*:\s*'([^']*)'/);
  const order = value('fortran_order', /'fortran_order'\s*:\s*(True|False)\b/);
  const dimensions = value('shape', /'shape'\s*:\s*\(([^)]*)\)/);
  const [, byteOrder, kind] = /^([<>|=])(\w+)$/.exec(dtype ?? '') ?? [];
  const type = kind === undefined ? undefined : elementTypes[kind];
  if (type === undefined || (byteOrder === '|' && elementWidth(type) > 1)) {
    throw new DataError(
      source,
      field,
      `element type ${dtype ?? 'unknown'} is not a number type; save it as float32 or an integer type`,
    );
  }
  if (order !== 'False')
    throw new DataError(source, field, 'stored in Fortran order; save numpy.ascontiguousarray of it');
  if (dimensions === undefined) throw new DataError(source, field, 'the header names no shape; get the file again');
  const shape = shapeOf(dimensions);
  if (shape === undefined || !Number.isSafeInteger(npyBytes({ type, bigEndian: false, shape, dataOffset }))) {
    throw new DataError(source, field, `shape (${dimensions}) is none of whole numbers ≥ 0; get the file again`);
  }
  const bigEndian = byteOrder === '>' || (byteOrder === '=' && machineIsBigEndian);
  return { type, bigEndian, shape, dataOffset };
}

/** The numbers of a tuple as Python writes it: `60, 8`, `60,`, or nothing. */
function shapeOf(tuple: string): readonly number[] | undefined {
  if (tuple.trim() === '') return [];
  const sizes = tuple.replace(/,\s*$/, '').split(',');
  return sizes.every((size) => /^\s*\d{1,16}L?\s*$/.test(size))
    ? sizes.map((size) => Number.parseInt(size, 10))
    : undefined;
}
