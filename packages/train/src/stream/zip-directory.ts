import { DataError } from '../data/data-error.ts';
import type { OpenFile } from './file-array.ts';

/** A file within a zip file. */
export interface ZipEntry {
  readonly name: string;
  /** 0 = stored as it is, 8 = deflated. */
  readonly method: number;
  /** Bytes in the zip file. */
  readonly storedSize: number;
  /** Where its local header begins. */
  readonly headerOffset: number;
}

const marks = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50, local: 0x04034b50 };
const endLength = 22;
const longestComment = 0xffff;

/**
 * The files in a zip file, by its central directory; also of zip files above 4 GiB (zip64).
 *
 * @throws DataError if it is no zip file or its directory is missing or damaged.
 */
export async function zipDirectory(file: OpenFile): Promise<readonly ZipEntry[]> {
  const broken = (): never => {
    throw new DataError(file.path, 'zip data', 'damaged or cut short; get the file again');
  };
  const first = await file.read(0, Math.min(4, file.size), 'magic number');
  if (first[0] !== 0x50 || first[1] !== 0x4b) {
    throw new DataError(file.path, 'magic number', 'not a zip file; give an .npz file made by numpy.savez');
  }
  const tailLength = Math.min(file.size, endLength + longestComment + 20);
  const tail = viewOf(await file.read(file.size - tailLength, tailLength, 'zip data'));
  let at = tail.byteLength - endLength;
  while (at >= 0 && tail.getUint32(at, true) !== marks.end) at--;
  if (at < 0) return broken();
  let size = tail.getUint32(at + 12, true);
  let offset = tail.getUint32(at + 16, true);
  if (at >= 20 && tail.getUint32(at - 20, true) === marks.locator64) {
    const position = Number(tail.getBigUint64(at - 20 + 8, true));
    if (position + 56 > file.size) return broken();
    const end64 = viewOf(await file.read(position, 56, 'zip data'));
    if (end64.getUint32(0, true) !== marks.end64) return broken();
    size = Number(end64.getBigUint64(40, true));
    offset = Number(end64.getBigUint64(48, true));
  }
  if (offset + size > file.size) return broken();
  const directory = viewOf(await file.read(offset, size, 'zip data'));
  const entries: ZipEntry[] = [];
  for (let p = 0; p < size; ) {
    if (p + 46 > size || directory.getUint32(p, true) !== marks.entry) return broken();
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.getUint16(p + field, true));
    const next = p + 46 + nameLength + extraLength + commentLength;
    if (next > size) return broken();
    entries.push(entryAt(directory, p, nameLength, extraLength) ?? broken());
    p = next;
  }
  return entries;
}

/** First byte of an entry's content. */
export async function contentOffset(file: OpenFile, entry: ZipEntry): Promise<number> {
  const local = viewOf(await file.read(entry.headerOffset, 30, `array '${entry.name}'`));
  if (local.getUint32(0, true) !== marks.local) {
    throw new DataError(file.path, `array '${entry.name}'`, 'damaged: its header is missing; get the file again');
  }
  return entry.headerOffset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
}

function entryAt(view: DataView, at: number, nameLength: number, extraLength: number): ZipEntry | undefined {
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
  return { name, method: view.getUint16(at + 10, true), storedSize: numbers[1], headerOffset: numbers[2] };
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
