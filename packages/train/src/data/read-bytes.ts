import { DataError } from './data-error.ts';

/**
 * Bytes of a file (Node only), unpacked when its name ends in `.gz`.
 *
 * @throws DataError if there is no such file, it cannot be read, or its gzip data are damaged.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new DataError(path, 'file', problems[code] ?? `cannot be read (${code})`, { cause });
  }
  if (!path.endsWith('.gz')) return bytes;
  const { gunzipSync } = await import('node:zlib');
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(path, 'gzip data', `cannot be unpacked (${reason}); get the file again`, { cause });
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the path',
  EISDIR: 'is a directory; name a file in it',
  ENOTDIR: 'no such file; a part of the path is not a directory',
  EACCES: 'may not be read; change its permissions',
};
