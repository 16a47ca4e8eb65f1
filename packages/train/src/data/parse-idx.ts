import { DataError } from './data-error.ts';
import { decodeElements, type ElementType, type NumberArray } from './typed-array.ts';

const elementTypes: Readonly<Record<number, ElementType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/**
 * Reads an IDX file (the format of MNIST): two zero bytes, element type, number of dimensions, the dimensions as 32-bit big-endian, data.
 *
 * @throws DataError for a wrong magic number, an unknown element type, or a file shorter or longer than its header says.
 */
export function parseIdx(bytes: Uint8Array, source: string): NumberArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(source, 'magic number', `starts with '${start}', an IDX file with '00 00'; give an IDX file`);
  }
  const type = elementTypes[bytes[2]];
  if (type === undefined)
    throw new DataError(source, 'magic number', `unknown element type 0x${bytes[2].toString(16)}`);
  const rank = bytes[3];
  const header = 4 + 4 * rank;
  if (rank === 0 || bytes.length < header) {
    throw new DataError(source, 'dimensions', `the header of ${rank} dimensions is incomplete; get the file again`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  const width = type === 'uint8' || type === 'int8' ? 1 : type === 'int16' ? 2 : type === 'float64' ? 8 : 4;
  if (bytes.length - header !== count * width) {
    throw new DataError(
      source,
      'data',
      `${bytes.length - header} bytes, but ${shape.join(' × ')} elements of ${type} need ${count * width}; get the file again`,
    );
  }
  return { shape, data: decodeElements(bytes, header, count, type, true) };
}
