import { DataError } from './data-error.ts';
import { type DataFile, type DataPlace, dataPath, isDataFile } from './data-path.ts';
import { gunzip } from './gunzip.ts';
import type { PromisedBytes, SizeLimit } from './size-limit.ts';
import { unpackStream } from './unpack-stream.ts';

/**
 * Bytes of a file, unpacked when its name ends in `.gz`: never more than `maxBytes`, nor than `promised` finds in the first bytes, so that
 * a small file cannot fill the memory.
 *
 * @param place path or `file:` URL (Node), or a file at hand
 * @throws DataError if there is no such file, it cannot be read, its gzip data are damaged, or become too much.
 */
export async function readBytes(
  place: DataPlace,
  limit: SizeLimit = {},
  promised: PromisedBytes = () => undefined,
): Promise<Uint8Array> {
  const path = dataPath(place);
  const bytes = isDataFile(place) ? await contentOf(place) : await storedAt(path);
  if (!path.endsWith('.gz')) return bytes;
  const unpack = globalThis.process?.getBuiltinModule === undefined ? unpackStream : gunzip;
  return unpack(bytes, path, limit, promised);
}

async function storedAt(path: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new DataError(path, 'file', problems[code] ?? `cannot be read (${code})`, { cause });
  }
}

async function contentOf(file: DataFile): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    // Files of a page that were changed or removed since they were chosen; larger than an array may be.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(file.name, 'file', `cannot be read (${why}); choose it again`, { cause });
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the path',
  EISDIR: 'is a directory; name a file in it',
  ENOTDIR: 'no such file; a part of the path is not a directory',
  EACCES: 'may not be read; change its permissions',
  ERR_FS_FILE_TOO_LARGE: 'larger than 2 GiB, which Node reads at once; read it piece by piece',
};
