import { DataError } from './data-error.ts';
import { type ElementType, elementWidth } from './typed-array.ts';

/** What the header of an IDX file says. */
export interface IdxHeader {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Where the elements begin, in bytes. */
  readonly dataOffset: number;
}

/** No IDX header is longer: four bytes and 255 dimensions. */
export const longestIdxHeader: number = 4 + 4 * 255;

/** Bytes of a whole IDX file as its header promises. */
export function idxBytes({ type, shape, dataOffset }: IdxHeader): number {
  return dataOffset + shape.reduce((product, size) => product * size, 1) * elementWidth(type);
}

const elementTypes: Readonly<Record<number, ElementType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/**
 * Reads the header that `bytes` begin with: two zero bytes, element type, number of dimensions, the dimensions as 32-bit big-endian.
 *
 * @throws DataError for a wrong magic number, an unknown element type, or a header cut short.
 */
export function parseIdxHeader(bytes: Uint8Array, source: string): IdxHeader {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(source, 'magic number', `starts with '${start}', an IDX file with '00 00'; give an IDX file`);
  }
  const type = elementTypes[bytes[2]];
  if (type === undefined)
    throw new DataError(source, 'magic number', `unknown element type 0x${bytes[2].toString(16)}`);
  const rank = bytes[3];
  const dataOffset = 4 + 4 * rank;
  if (rank === 0 || bytes.length < dataOffset) {
    throw new DataError(source, 'dimensions', `the header of ${rank} dimensions is incomplete; get the file again`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { type, shape: Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis)), dataOffset };
}
