import type { FileHandle } from 'node:fs/promises';
import { DataError } from '../data/data-error.ts';
import { type ElementType, elementsIn, elementWidth } from '../data/typed-array.ts';
import { type ArrayReader, checkRows } from './array-reader.ts';

/** Where an array lies in a file, uncompressed and row-major. */
export interface FileLayout {
  /** Name of the array in errors. */
  readonly field: string;
  readonly type: ElementType;
  readonly bigEndian: boolean;
  readonly shape: readonly number[];
  /** First byte of the elements in the file. */
  readonly offset: number;
  /** Bytes that the file has for the elements. */
  readonly bytes: number;
}

/**
 * An array in an open file (Node), read by offsets.
 *
 * @throws DataError when the file has another number of bytes for it than its shape needs.
 */
export function fileArray(file: OpenFile, layout: FileLayout): ArrayReader {
  const { field, type, bigEndian, shape, offset, bytes } = layout;
  const [rows = 1, ...rest] = shape;
  const perRow = rest.reduce((product, size) => product * size, 1);
  const rowBytes = perRow * elementWidth(type);
  if (rows * rowBytes !== bytes) {
    throw new DataError(
      file.path,
      field,
      `${bytes} bytes, but shape [${shape.join(', ')}] of ${type} needs ${rows * rowBytes}; get the file again`,
    );
  }
  return {
    source: file.path,
    field,
    shape,
    close: () => file.close(),
    async read(start, end) {
      checkRows(start, end, rows, `${file.path}: ${field}`);
      const content = await file.read(offset + start * rowBytes, (end - start) * rowBytes, field);
      return elementsIn(content, type, bigEndian);
    },
  };
}

/** A file open for reading. */
export interface OpenFile {
  readonly path: string;
  /** Length in bytes. */
  readonly size: number;
  /** @throws DataError naming `field` when the file ends before. */
  read(position: number, length: number, field: string): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/**
 * Opens a file for reading parts of it (Node).
 *
 * @throws DataError if there is no such file or it cannot be read, or is no regular file.
 */
export async function openFile(path: string): Promise<OpenFile> {
  const { open } = await import('node:fs/promises');
  const unusable = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(path, 'file', `cannot be opened (${reason}); check the path`, { cause });
  };
  const handle: FileHandle = await open(path, 'r').catch(unusable);
  const status = await handle.stat();
  const unreadable =
    (field: string) =>
    (cause: unknown): never => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(path, field, `cannot be read (${reason}); check the disk`, { cause });
    };
  let usable = true;
  const file: OpenFile = {
    path,
    size: status.size,
    async read(position, length, field) {
      if (!usable) throw new DataError(path, field, 'the file has been closed; open it again');
      const content = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(content, done, length - done, position + done).catch(unreadable(field));
        if (bytesRead === 0) throw new DataError(path, field, 'the file ends too early; get it again');
        done += bytesRead;
      }
      return content;
    },
    async close() {
      if (!usable) return;
      usable = false;
      await handle.close();
    },
  };
  if (!status.isFile()) {
    await file.close();
    throw new DataError(path, 'file', 'is no regular file; name a file');
  }
  return file;
}

/** Opens a file and hands it on; closes it when that fails. */
export async function withOpenFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    return await use(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}
