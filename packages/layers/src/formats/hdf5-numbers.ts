import { FormatError } from './format-error.ts';
import { bfloatsToFloats, halvesToFloats } from './half.ts';
import type { Hdf5Element } from './hdf5-element.ts';
import type { Hdf5Library } from './hdf5-library.ts';

/** Numbers of a dataset, row-major. Floats of 16 bits come as floats of 32, booleans and bit fields as `Int8Array` of 0 and 1. */
export type Hdf5Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** What h5wasm tells of a dataset, as far as numbers are concerned. */
export interface Hdf5Metadata {
  /** Class of the element type: 0 integer, 1 float, 4 bit field, 8 enumeration. */
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly shape: number[] | null;
  readonly total_size: number;
  readonly enum_type?: { readonly type: number; readonly members: Readonly<Record<string, number>> };
}

/** A step of the pipeline that packs a dataset's chunks. */
export interface Hdf5Filter {
  readonly id: number;
  readonly name: string;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Where the HDF5 data begin in a file that starts with `bytes`: 0, or behind a user block of 512, 1024, 2048 … bytes as MATLAB writes; undefined if
 * nowhere in `bytes`.
 */
export function hdf5Start(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + signature.length <= bytes.length; at = at === 0 ? 512 : 2 * at) {
    if (signature.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return undefined;
}

type NumberType = 'int' | 'float' | 'bool';

/** How the elements of a dataset are to be read, or undefined if they are no numbers that can be. */
export function hdf5NumberType({ type, size, enum_type }: Hdf5Metadata): NumberType | undefined {
  if (
    type === 8 &&
    size === 1 &&
    Object.values(enum_type?.members ?? { other: 2 }).every((value) => value === 0 || value === 1)
  )
    return 'bool';
  if (type === 0 || (type === 8 && enum_type?.type === 0)) return [1, 2, 4, 8].includes(size) ? 'int' : undefined;
  if (type === 1) return [2, 4, 8].includes(size) ? 'float' : undefined;
  return type === 4 && size === 1 ? 'bool' : undefined;
}

/** Filters that are part of HDF5 and that h5wasm has; of n-bit it does not tell how many bits count. */
const known = [1, 2, 3, 6];

/** The filter of a pipeline that h5wasm has not by itself, e.g. `'lzf'`; plugins may add it. */
export function unreadableFilter(filters: readonly Hdf5Filter[]): string | undefined {
  const missing = filters.find(({ id }) => !known.includes(id));
  return missing === undefined ? undefined : missing.name.trim() || `number ${missing.id}`;
}

/**
 * Reads numbers of a dataset by h5wasm's module, and looks at its status: `value` and `slice` of h5wasm do not, and give zeros or what happened to
 * lie in memory. Its throwing error handler is no remedy: it unwinds the library's own stack half-way and leaves files open that are met again.
 *
 * @param element how the elements lie in their bytes, which metadata do not tell
 * @param rows first and last + 1 of the first axis. Default all.
 * @throws FormatError naming the dataset when the library cannot read it, or the memory does not suffice.
 */
export function readHdf5Numbers(
  library: Hdf5Library,
  file: bigint,
  path: string,
  metadata: Hdf5Metadata,
  element: Hdf5Element | undefined,
  rows?: readonly [start: number, end: number],
): Hdf5Numbers {
  const field = `dataset '${path.replace(/^\//, '')}'`;
  const type = hdf5NumberType(metadata);
  if (type === undefined || element === undefined) {
    throw new FormatError(field, 'its element type is not a number type');
  }
  if (element.size !== metadata.size) {
    throw new FormatError(field, 'its description is that of another one (kept in another file, or damaged)');
  }
  if (element.float === 'other') {
    const wanted = metadata.size === 2 ? 'neither IEEE halves nor bfloat16' : "not IEEE's";
    throw new FormatError(field, `its floats of ${8 * metadata.size} bits are ${wanted}; store float32`);
  }
  const shape = metadata.shape ?? [];
  const [start, end] = rows ?? [0, shape[0] ?? 1];
  const count = shape.map((size, axis) => (axis === 0 ? end - start : size));
  const elements = count.reduce((product, size) => product * size, 1);
  const bytes = elements * metadata.size;
  const pointer = bytes < 2 ** 31 ? library._malloc(Math.max(1, bytes)) : 0;
  if (pointer === 0) {
    throw new FormatError(field, `${bytes} bytes at once do not fit into h5wasm's memory; read fewer rows`);
  }
  try {
    library.HEAPU8.fill(0, pointer, pointer + bytes);
    const counts = shape.length === 0 ? null : count.map(BigInt);
    const offsets = shape.length === 0 ? null : count.map((_, axis) => BigInt(axis === 0 ? start : 0));
    const strides = shape.length === 0 ? null : count.map(() => 1n);
    // Nothing to read has no place in a selection.
    const [status, complaint] =
      elements === 0
        ? [0, '']
        : quietly(library, () => library.get_dataset_data(file, path, counts, offsets, strides, BigInt(pointer)));
    if (status < 0) throw new FormatError(field, `cannot be read (${reason(complaint)})`);
    const content = library.HEAPU8.slice(pointer, pointer + bytes);
    return numbersIn(content as Uint8Array<ArrayBuffer>, metadata.signed, type, element, field);
  } finally {
    library._free(pointer);
  }
}

function numbersIn(
  bytes: Uint8Array<ArrayBuffer>,
  signed: boolean,
  type: NumberType,
  element: Hdf5Element,
  field: string,
): Hdf5Numbers {
  const { buffer } = bytes;
  const { size, float } = element;
  if (type === 'float') {
    if (size > 2) return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
    return float === 'bfloat16' ? bfloatsToFloats(new Uint16Array(buffer)) : halvesToFloats(new Uint16Array(buffer));
  }
  if (type === 'bool') {
    const bits = placed(bytes, element, false);
    if (bits.some((bit) => bit > 1)) {
      throw new FormatError(field, 'holds other values than 0 and 1 as booleans or bits; store an integer type');
    }
    // Not as unsigned bytes, which pixels are divided by 256 for.
    return new Int8Array(buffer);
  }
  if (size === 1) return placed(signed ? new Int8Array(buffer) : bytes, element, signed);
  if (size === 2) return placed(signed ? new Int16Array(buffer) : new Uint16Array(buffer), element, signed);
  if (size === 4) return placed(signed ? new Int32Array(buffer) : new Uint32Array(buffer), element, signed);
  return placedBig(signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer), element, signed);
}

/** The values of integers of which only some bits count; the others say nothing. In place. */
function placed<Numbers extends Exclude<Hdf5Numbers, BigInt64Array | BigUint64Array>>(
  values: Numbers,
  { size, offset, precision }: Hdf5Element,
  signed: boolean,
): Numbers {
  if (precision === 8 * size) return values;
  const up = 32 - offset - precision;
  const down = 32 - precision;
  for (let j = 0; j < values.length; j++) values[j] = signed ? (values[j] << up) >> down : (values[j] << up) >>> down;
  return values;
}

/** As `placed`, of 64 bits. */
function placedBig<Numbers extends BigInt64Array | BigUint64Array>(
  values: Numbers,
  { size, offset, precision }: Hdf5Element,
  signed: boolean,
): Numbers {
  if (precision === 8 * size) return values;
  const only = signed ? BigInt.asIntN : BigInt.asUintN;
  for (let j = 0; j < values.length; j++) values[j] = only(precision, values[j] >> BigInt(offset));
  return values;
}

/**
 * Calls the library and keeps what it writes to the error output, instead of the user's terminal.
 *
 * @returns the result, and what was written.
 */
export function quietly<Result>({ FS }: Pick<Hdf5Library, 'FS'>, call: () => Result): readonly [Result, string] {
  const { write } = FS;
  let text = '';
  FS.write = function (stream, buffer, offset, length, ...rest) {
    if (stream.fd !== 2) return write.call(this, stream, buffer, offset, length, ...rest);
    text += new TextDecoder().decode(new Uint8Array(buffer.subarray(offset, offset + length)));
    return length;
  };
  try {
    return [call(), text];
  } finally {
    FS.write = write;
  }
}

/** The innermost reason in HDF5's own account of an error: `required filter 'lzf' is not registered`. */
function reason(account: string): string {
  const lines = [...account.matchAll(/#\d+: .* in (\w+)\(\): (.*)/g)].filter(([, name]) => !name.startsWith('H5PL'));
  return lines.at(-1)?.[2] ?? 'HDF5 tells no reason';
}
