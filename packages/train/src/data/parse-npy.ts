import { DataError } from './data-error.ts';
import { decodeElements, type ElementType, type NumberArray } from './typed-array.ts';

const elementTypes: Readonly<Record<string, ElementType>> = {
  u1: 'uint8',
  b1: 'uint8',
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
 * Reads a NumPy `.npy` array of booleans, integers or floats (versions 1–3, either byte order, C order).
 *
 * @throws DataError for a wrong magic number, another element type, Fortran order, or data shorter or longer than the header says.
 */
export function parseNpy(bytes: Uint8Array, source: string, field = 'array'): NumberArray {
  if (bytes.length < 10 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY' || bytes[0] !== 0x93) {
    throw new DataError(
      source,
      field,
      'not a NumPy array (its magic number is missing); save it with numpy.save or numpy.savez',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wide = bytes[6] >= 2;
  const headerStart = wide ? 12 : 10;
  const headerEnd = headerStart + (wide && bytes.length >= 12 ? view.getUint32(8, true) : view.getUint16(8, true));
  if (headerEnd > bytes.length) throw new DataError(source, field, 'the header is cut short; get the file again');
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerStart, headerEnd));
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
  const count = shape.reduce((product, size) => product * size, 1);
  const width = Number(dtype?.slice(2));
  if (bytes.length - headerEnd !== count * width) {
    throw new DataError(
      source,
      field,
      `${bytes.length - headerEnd} bytes, but shape (${shape.join(', ')}) of ${dtype} needs ${count * width}; get the file again`,
    );
  }
  return { shape, data: decodeElements(bytes, headerEnd, count, type, dtype?.startsWith('>') ?? false) };
}
