import { FormatError } from './format-error.ts';

/** Reads bytes of an HDF5 file; fewer where it ends before. */
export type ReadBytes = (position: number, length: number) => Uint8Array;

/** A message of an object's header: what kind it is of, and its content. */
export interface Hdf5Message {
  readonly type: number;
  /** Whether the content says only where the message is that is meant. */
  readonly shared: boolean;
  readonly content: Uint8Array;
}

/** Bytes of addresses and lengths in a file. */
export interface Hdf5Widths {
  readonly address: number;
  readonly length: number;
}

/** Headers are small; what claims more is damaged. */
const LARGEST_PIECE = 2 ** 24;
const MOST_PIECES = 1000;

const CONTINUATION = 0x10;

/** The widths that a superblock says. */
export function hdf5Widths(read: ReadBytes, start: number): Hdf5Widths {
  const bytes = read(start, 16);
  const at = bytes[8] < 2 ? 13 : 9;
  return { address: bytes[at], length: bytes[at + 1] };
}

/**
 * The messages in an object's header (HDF5 File Format Specification, IV.A.1), whose version is told by its first bytes.
 *
 * @param start where the HDF5 data begin in the file, which addresses count from
 * @throws FormatError naming `field` when there is no such header
 */
export function hdf5Messages(
  read: ReadBytes,
  start: number,
  address: number,
  widths: Hdf5Widths,
  field: string,
): readonly Hdf5Message[] {
  const head = read(start + address, 48);
  const isSecond = String.fromCharCode(...head.subarray(0, 4)) === 'OHDR' && head[4] === 2;
  if (!isSecond && (head[0] !== 1 || head[1] !== 0)) {
    throw new FormatError(field, 'its description is not where it should be (kept in another file, or damaged)');
  }
  const messages: Hdf5Message[] = [];
  const pieces = [isSecond ? firstPiece(head) : { from: 16, length: viewOf(head).getUint32(8, true) }].map(
    ({ from, length }) => ({ from: address + from, length }),
  );
  // What is appended while this goes on is visited, too.
  for (const { from, length } of pieces) {
    if (length > LARGEST_PIECE || pieces.length > MOST_PIECES) throw new FormatError(field, 'has a damaged header');
    const bytes = read(start + from, length);
    for (const message of isSecond ? secondMessages(bytes, (head[5] & 4) > 0) : firstMessages(bytes)) {
      messages.push(message);
      if (message.type !== CONTINUATION || message.content.length < widths.address + widths.length) continue;
      const next = unsigned(message.content, 0, widths.address);
      const size = unsigned(message.content, widths.address, widths.length);
      // In the second version, letters come before and a checksum after.
      pieces.push(isSecond ? { from: next + 4, length: Math.max(0, size - 8) } : { from: next, length: size });
    }
  }
  return messages;
}

/** A little-endian whole number. */
export function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let j = width - 1; j >= 0; j--) value = 256 * value + (bytes[at + j] ?? 0);
  return value;
}

/** Where the messages begin in a header of the second version, and how long they are. */
function firstPiece(head: Uint8Array): { readonly from: number; readonly length: number } {
  const flags = head[5];
  const at = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  return { from: at + width, length: unsigned(head, at, width) };
}

function* firstMessages(bytes: Uint8Array): Generator<Hdf5Message> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = unsigned(bytes, at + 2, 2);
    const content = bytes.subarray(at + 8, at + 8 + length);
    yield { type: unsigned(bytes, at, 2), shared: (bytes[at + 4] & 2) > 0, content };
    at += 8 + length;
  }
}

function* secondMessages(bytes: Uint8Array, ordered: boolean): Generator<Hdf5Message> {
  const head = ordered ? 6 : 4;
  for (let at = 0; at + head <= bytes.length; ) {
    const length = unsigned(bytes, at + 1, 2);
    const content = bytes.subarray(at + head, at + head + length);
    yield { type: bytes[at], shared: (bytes[at + 3] & 2) > 0, content };
    at += head + length;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
