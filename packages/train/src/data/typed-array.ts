import { halvesToFloats } from '@sp/layers/formats';

/** Number arrays a data file can hold. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** An array read from a file, row-major. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: TypedArray | BigInt64Array | BigUint64Array;
}

/** Name of an element type; 'float16' is read into a `Float32Array`. */
export type ElementType =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64';

const typedArrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  /** Their bits. */
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Bytes of one element. */
export function elementWidth(type: ElementType): number {
  return typedArrays[type].BYTES_PER_ELEMENT;
}

/** Copies `count` elements out of `bytes`, in this machine's byte order. */
export function decodeElements(
  bytes: Uint8Array,
  offset: number,
  count: number,
  type: ElementType,
  bigEndian: boolean,
): NumberArray['data'] {
  // Not `slice`: on a Node buffer that is a view on memory shared with others.
  const copy = new Uint8Array(bytes.subarray(offset, offset + count * elementWidth(type)));
  return elementsIn(copy, type, bigEndian);
}

/** The elements in `bytes`, which must be a whole buffer of their own: it becomes theirs. */
export function elementsIn(bytes: Uint8Array<ArrayBuffer>, type: ElementType, bigEndian: boolean): NumberArray['data'] {
  const width = elementWidth(type);
  if (bigEndian !== machineIsBigEndian && width > 1) {
    for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
  }
  const elements = new typedArrays[type](bytes.buffer, 0, bytes.length / width);
  return type === 'float16' ? halvesToFloats(elements as Uint16Array) : elements;
}

/** Whether this machine keeps the largest byte of a number first. */
export const machineIsBigEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;
