import { FormatError } from './format-error.ts';
import { hdf5Messages, hdf5Widths, type ReadBytes, unsigned } from './hdf5-header.ts';
import type { Hdf5Library } from './hdf5-library.ts';

/** How an element lies in its bytes, as the datatype message of its dataset says. */
export interface Hdf5Element {
  /** Class: 0 integer, 1 float, 4 bit field; of enumerations, that of their values. */
  readonly type: number;
  /** Bytes. */
  readonly size: number;
  /** Bits below those that count. */
  readonly offset: number;
  /** Bits that count. */
  readonly precision: number;
  /** What a float is: IEEE's of its size, bfloat16, or another. */
  readonly float: 'ieee' | 'bfloat16' | 'other' | undefined;
}

/** A file that the library has open. */
export interface StoredHdf5 {
  readonly id: bigint;
  /** Its name in the library's file system. */
  readonly path: string;
  /** Where the HDF5 data begin in it. */
  readonly start: number;
}

/** Kinds of messages. */
const DATATYPE = 3;
const EXTERNAL = 7;
const LAYOUT = 8;
/** Kind of layout. */
const VIRTUAL = 3;
/** Class of a type. */
const ENUMERATION = 8;

/**
 * What h5wasm does not tell of a dataset's elements: which bits of an integer count, and where the parts of a float are. The library says where the
 * dataset's header is in the file; the message in it is read here (HDF5 File Format Specification, IV.A.2.d), before the library opens the dataset.
 *
 * @returns undefined for elements of other classes
 * @throws FormatError naming the dataset when it is kept in other files, or its header is damaged
 */
export function hdf5Element(library: Hdf5Library, stored: StoredHdf5, path: string): Hdf5Element | undefined {
  const field = `dataset '${path.replace(/^\//, '')}'`;
  const { start } = stored;
  const address = unsigned(Uint8Array.from(library.create_object_reference(stored.id, path)), 0, 8);
  return withFile(library, stored.path, (read) => {
    const widths = hdf5Widths(read, start);
    const messagesAt = (at: number) => hdf5Messages(read, start, at, widths, field);
    const messages = messagesAt(address);
    if (messages.some(({ type }) => type === EXTERNAL)) {
      throw new FormatError(field, 'its data are kept in other files; store the data themselves');
    }
    const layout = messages.find(({ type }) => type === LAYOUT);
    const datatype = messages.find(({ type }) => type === DATATYPE);
    if (layout === undefined || datatype === undefined) {
      throw new FormatError(field, 'its description is not where it should be (kept in another file, or damaged)');
    }
    // Parts that are not found would be read as zeros without a word, and what names them is in a heap that the library trusts.
    if (layout.content[0] >= 4 && layout.content[1] === VIRTUAL) {
      throw new FormatError(field, 'a virtual dataset, made of parts of others; store the data themselves');
    }
    return elementOf(datatype.shared ? sharedType(datatype.content, messagesAt, field) : datatype.content, field);
  });
}

/** A type that has a name in the file, which several datasets may have. */
function sharedType(
  content: Uint8Array,
  messagesAt: (address: number) => ReturnType<typeof hdf5Messages>,
  field: string,
): Uint8Array {
  const [version, kind] = content;
  // In the third version, 1 stands for a place in a table of messages of the whole file, which hardly any file has.
  if (version === 3 && kind !== 2) {
    throw new FormatError(field, "its element type is in the file's table of shared messages; store it without one");
  }
  const at = unsigned(content, version === 1 ? 8 : 2, Math.min(8, content.length - (version === 1 ? 8 : 2)));
  const named = messagesAt(at).find(({ type, shared }) => type === DATATYPE && !shared);
  if (named === undefined) throw new FormatError(field, 'its element type is damaged');
  return named.content;
}

function elementOf(message: Uint8Array, field: string): Hdf5Element | undefined {
  const type = message[0] & 15;
  // The type of an enumeration's values follows.
  if (type === ENUMERATION) return elementOf(message.subarray(8), field);
  if (type !== 0 && type !== 1 && type !== 4) return undefined;
  const size = unsigned(message, 4, 4);
  const [offset, precision] = [unsigned(message, 8, 2), unsigned(message, 10, 2)];
  if (message.length < (type === 1 ? 20 : 12) || precision === 0 || offset + precision > 8 * size) {
    throw new FormatError(field, `its element type is damaged (${precision} bits from bit ${offset} in ${size} bytes)`);
  }
  // HDF5 since 1.14.4 does not open such datasets; what it says of them is lost on the way through h5wasm.
  if (size > 1 && 2 * precision < 8 * size) {
    throw new FormatError(
      field,
      `only ${precision} of the ${8 * size} bits of its elements count, which the HDF5 library takes for damage; store a smaller type`,
    );
  }
  return { type, size, offset, precision, float: type === 1 ? floatOf(message) : undefined };
}

function floatOf(message: Uint8Array): Hdf5Element['float'] {
  const [normalisation, sign] = [(message[1] >> 4) & 3, message[2]];
  const places = [unsigned(message, 8, 2), unsigned(message, 10, 2), ...message.subarray(12, 16)];
  return floats[[normalisation, sign, ...places, unsigned(message, 16, 4)].join()] ?? 'other';
}

/** By normalisation (2: a leading 1 that is not stored), places of sign and number, its bits, place and bits of exponent and mantissa, bias. */
const floats: Readonly<Record<string, 'ieee' | 'bfloat16'>> = {
  '2,15,0,16,10,5,0,10,15': 'ieee',
  '2,15,0,16,7,8,0,7,127': 'bfloat16',
  '2,31,0,32,23,8,0,23,127': 'ieee',
  '2,63,0,64,52,11,0,52,1023': 'ieee',
};

function withFile<Result>({ FS }: Hdf5Library, path: string, use: (read: ReadBytes) => Result): Result {
  const stream = FS.open(path, 'r');
  try {
    return use((position, length) => {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = FS.read(stream, bytes, done, length - done, position + done);
        if (count <= 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    });
  } finally {
    FS.close(stream);
  }
}
