import { FormatError } from './format-error.ts';

/** A file within a zip file, as the central directory tells it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 = stored as it is, 8 = deflated. */
  readonly method: number;
  readonly crc32: number;
  /** Bytes in the zip file. */
  readonly storedSize: number;
  /** Bytes once unpacked. */
  readonly size: number;
  readonly encrypted: boolean;
  /** Where its local header begins. */
  readonly headerOffset: number;
  /** Where the directory begins: contents lie before. */
  readonly end: number;
}

/** Bytes that a reader asks for. They lie within the file. */
export interface ByteRange {
  readonly position: number;
  readonly length: number;
}

/** Reading that asks for bytes, so that the same code reads from memory and from open files. */
export type ByteReading<Result> = Generator<ByteRange, Result, Uint8Array>;

const marks = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50, local: 0x04034b50 };
const endLength = 22;
const longestComment = 0xffff;

const damaged = (): never => {
  throw new FormatError('zip data', 'damaged or cut short; get the file again');
};

/**
 * The files in a zip file of `size` bytes by its central directory, by name; also of zip files above 4 GiB (zip64). Of several entries of one
 * name the last counts, as for Python.
 *
 * @throws FormatError if it is no zip file or its directory is missing or damaged.
 */
export function* zipDirectory(size: number): ByteReading<ReadonlyMap<string, ZipEntry>> {
  const first = yield { position: 0, length: Math.min(4, size) };
  if (first[0] !== 0x50 || first[1] !== 0x4b) throw new FormatError('magic number', 'not a zip file');
  const tailLength = Math.min(size, endLength + longestComment + 20);
  const tail = viewOf(yield { position: size - tailLength, length: tailLength });
  let at = tail.byteLength - endLength;
  while (at >= 0 && !(tail.getUint32(at, true) === marks.end && commentFits(tail, at))) at--;
  if (at < 0) return damaged();
  let count = tail.getUint16(at + 10, true);
  let length = tail.getUint32(at + 12, true);
  let offset = tail.getUint32(at + 16, true);
  if (at >= 20 && tail.getUint32(at - 20, true) === marks.locator64) {
    const position = Number(tail.getBigUint64(at - 20 + 8, true));
    if (position + 56 > size) return damaged();
    const end64 = viewOf(yield { position, length: 56 });
    if (end64.getUint32(0, true) !== marks.end64) return damaged();
    count = Number(end64.getBigUint64(32, true));
    length = Number(end64.getBigUint64(40, true));
    offset = Number(end64.getBigUint64(48, true));
  }
  if (offset + length > size) return damaged();
  const directory = viewOf(yield { position: offset, length });
  const entries = new Map<string, ZipEntry>();
  let found = 0;
  for (let p = 0; p < length; found++) {
    if (p + 46 > length || directory.getUint32(p, true) !== marks.entry) return damaged();
    const lengths = [28, 30, 32].map((field) => directory.getUint16(p + field, true));
    const next = p + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > length) return damaged();
    const entry = entryAt(directory, p, lengths[0], lengths[1], offset) ?? damaged();
    entries.set(entry.name, entry);
    p = next;
  }
  return found === count ? entries : damaged();
}

/**
 * First byte of an entry's content, after a look whether the entry's own header says the same as the directory.
 *
 * @throws FormatError naming the entry if not, or if its content cannot be where it should.
 */
export function* contentOffset(entry: ZipEntry): ByteReading<number> {
  const broken = (problem: string): never => {
    throw new FormatError(`'${entry.name}'`, `${problem}; get the file again`);
  };
  const { headerOffset, end, storedSize } = entry;
  if (headerOffset + 30 > end) return broken('damaged: its place is wrong');
  const local = viewOf(yield { position: headerOffset, length: 30 });
  if (local.getUint32(0, true) !== marks.local) return broken('damaged: its header is missing');
  const nameLength = local.getUint16(26, true);
  const start = headerOffset + 30 + nameLength + local.getUint16(28, true);
  if (!(start + storedSize <= end)) return broken('damaged or cut short');
  const name = new TextDecoder().decode(yield { position: headerOffset + 30, length: nameLength });
  if (name !== entry.name) return broken(`damaged: its header names '${name}'`);
  if (local.getUint16(8, true) !== entry.method) return broken('damaged: its header tells another method');
  return start;
}

/** Runs a reading on a file in memory. */
export function readFrom<Result>(bytes: Uint8Array, reading: ByteReading<Result>): Result {
  let step = reading.next();
  while (!step.done) {
    const { position, length } = step.value;
    step = reading.next(bytes.subarray(position, position + length));
  }
  return step.value;
}

function commentFits(tail: DataView, at: number): boolean {
  return at + endLength + tail.getUint16(at + 20, true) <= tail.byteLength;
}

function entryAt(
  view: DataView,
  at: number,
  nameLength: number,
  extraLength: number,
  end: number,
): ZipEntry | undefined {
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength));
  // In this order the zip64 field holds those numbers that do not fit: content, stored size, offset.
  const numbers = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const extraStart = at + 46 + nameLength;
  let wide = zip64Field(view, extraStart, extraStart + extraLength);
  for (const [index, value] of numbers.entries()) {
    if (value !== 0xffffffff) continue;
    if (wide === undefined || wide.start + 8 > wide.end) return undefined;
    numbers[index] = Number(view.getBigUint64(wide.start, true));
    wide = { start: wide.start + 8, end: wide.end };
  }
  const [size, storedSize, headerOffset] = numbers;
  return {
    name,
    method: view.getUint16(at + 10, true),
    crc32: view.getUint32(at + 16, true),
    storedSize,
    size,
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    headerOffset,
    end,
  };
}

function zip64Field(view: DataView, from: number, end: number): { start: number; end: number } | undefined {
  for (let p = from; p + 4 <= end; p += 4 + view.getUint16(p + 2, true)) {
    if (view.getUint16(p, true) === 1) return { start: p + 4, end: Math.min(end, p + 4 + view.getUint16(p + 2, true)) };
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
