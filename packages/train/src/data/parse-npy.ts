import { DataError } from './data-error.ts';
import { parseNpyHeader } from './npy-header.ts';
import { decodeElements, elementWidth, type NumberArray } from './typed-array.ts';

/**
 * Reads a NumPy `.npy` array of booleans, integers or floats (versions 1–3, either byte order, C order). Booleans come as an
 * `Int8Array` of 0 and 1.
 *
 * @throws DataError for a wrong magic number, another element type, Fortran order, or data shorter or longer than the header says.
 */
export function parseNpy(bytes: Uint8Array, source: string, field = 'array'): NumberArray {
  const { type, bigEndian, shape, dataOffset } = parseNpyHeader(bytes, source, field);
  const count = shape.reduce((product, size) => product * size, 1);
  const width = elementWidth(type);
  if (bytes.length - dataOffset !== count * width) {
    throw new DataError(
      source,
      field,
      `${bytes.length - dataOffset} bytes, but shape (${shape.join(', ')}) of ${type} needs ${count * width}; get the file again`,
    );
  }
  return { shape, data: decodeElements(bytes, dataOffset, count, type, bigEndian) };
}
