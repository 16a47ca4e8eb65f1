import { DataError } from './data-error.ts';
import { parseIdxHeader } from './idx-header.ts';
import { decodeElements, elementWidth, type NumberArray } from './typed-array.ts';

/**
 * Reads an IDX file (the format of MNIST): two zero bytes, element type, number of dimensions, the dimensions as 32-bit big-endian, data.
 *
 * @throws DataError for a wrong magic number, an unknown element type, or a file shorter or longer than its header says.
 */
export function parseIdx(bytes: Uint8Array, source: string): NumberArray {
  const { type, shape, dataOffset } = parseIdxHeader(bytes, source);
  const count = shape.reduce((product, size) => product * size, 1);
  const width = elementWidth(type);
  if (bytes.length - dataOffset !== count * width) {
    throw new DataError(
      source,
      'data',
      `${bytes.length - dataOffset} bytes, but ${shape.join(' × ')} elements of ${type} need ${count * width}; get the file again`,
    );
  }
  return { shape, data: decodeElements(bytes, dataOffset, count, type, true) };
}
