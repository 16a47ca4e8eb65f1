import { Inflate } from 'fflate';
import { crc32 } from './crc32.ts';
import { FormatError } from './format-error.ts';
import { contentOffset, readFrom, type ZipEntry } from './zip-directory.ts';

/** Packed bytes handed to the unpacker at once: what they become, at most 1,032 times as much, fits into memory easily. */
const piece = 16_384;

/**
 * The content of an entry of a zip file in memory: never more than the directory promises, and of the checksum it tells.
 *
 * @param start the content's first bytes may be looked at before all is unpacked: throw there to refuse it.
 * @throws FormatError naming the entry if it is damaged, encrypted, or packed in a way that is not known.
 */
export function unpackEntry(
  bytes: Uint8Array,
  entry: ZipEntry,
  start?: (first: Uint8Array, size: number) => void,
): Uint8Array {
  checkPacking(entry);
  const from = readFrom(bytes, contentOffset(entry));
  const stored = bytes.subarray(from, from + entry.storedSize);
  if (entry.method === 0) start?.(stored, entry.size);
  const content = entry.method === 0 ? stored : inflate(stored, entry, start);
  if (content.length !== entry.size || crc32(content) !== entry.crc32) throw damagedEntry(entry);
  return content;
}

/** What is wrong with an entry whose content is not what its checksum says. */
export function damagedEntry({ name }: ZipEntry): FormatError {
  return new FormatError(`'${name}'`, 'damaged (its CRC-32 or its size does not fit); get the file again');
}

/** @throws FormatError if nobody can unpack the entry, or its sizes contradict each other. */
export function checkPacking(entry: ZipEntry): void {
  const { name, method, size, storedSize, encrypted } = entry;
  if (encrypted) throw new FormatError(`'${name}'`, 'encrypted; save it without a password');
  if (method !== 0 && method !== 8) {
    throw new FormatError(`'${name}'`, `packed with method ${method}; save it stored or deflated, as NumPy does`);
  }
  if (method === 0 && size !== storedSize) throw damagedEntry(entry);
  // No deflated byte becomes more than 1,032.
  if (size > storedSize * 1032) throw damagedEntry(entry);
}

/** Unpacks until the promised size is passed; memory is taken only as it fills, or after `start` has agreed. */
function inflate(stored: Uint8Array, entry: ZipEntry, start?: (first: Uint8Array, size: number) => void): Uint8Array {
  const { size } = entry;
  let content: Uint8Array | undefined;
  let done = 0;
  let ended = false;
  const unpacker = new Inflate((part, final) => {
    if (done + part.length > size) throw damagedEntry(entry);
    if (content === undefined && (part.length > 0 || final)) {
      start?.(part, size);
      content = new Uint8Array(size);
    }
    content?.set(part, done);
    done += part.length;
    ended = final;
  });
  try {
    for (let at = 0; at < stored.length; at += piece) {
      unpacker.push(stored.subarray(at, at + piece), at + piece >= stored.length);
    }
  } catch (cause) {
    // What `start` or the size refuses is told as it is; the rest is the unpacker's.
    if (cause instanceof FormatError || !isUnpackError(cause)) throw cause;
    throw new FormatError(`'${entry.name}'`, `damaged (${cause.message}); get the file again`, { cause });
  }
  if (!ended || content === undefined || done !== size) throw damagedEntry(entry);
  return content;
}

/** Errors of fflate carry a number. */
function isUnpackError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
}
