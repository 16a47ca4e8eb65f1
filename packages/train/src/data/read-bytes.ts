import { DataError } from './data-error.ts';
import { dataPath } from './data-path.ts';

/** How much memory a file may take. */
export interface SizeLimit {
  /**
   * Most bytes that a packed file or array may become when it is unpacked. Default 2 GiB (2³¹); more is refused before memory is taken. Raise it for
   * larger data that you trust, or read them piece by piece.
   */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 2 ** 31;

/** @throws DataError if more bytes are to be unpacked than the limit allows, or the limit is no number. */
export function checkSize(
  bytes: number,
  { maxBytes = defaultMaxBytes }: SizeLimit,
  source: string,
  field: string,
): void {
  if (!(maxBytes > 0)) throw new DataError(source, 'maxBytes', `${maxBytes} is not a number > 0`);
  if (bytes <= maxBytes) return;
  throw new DataError(
    source,
    field,
    `becomes ${bytes} bytes when unpacked, more than maxBytes ${maxBytes}; raise maxBytes if you trust it, or read it piece by piece`,
  );
}

/** What a file's own header says about its length. */
export type PromisedBytes = (start: Uint8Array) => number | undefined;

/**
 * Bytes of a file (Node only), unpacked when its name ends in `.gz`: never more than `maxBytes`, nor than `promised` finds in the first bytes, so that
 * a small file cannot fill the memory.
 *
 * @param place path or `file:` URL
 * @throws DataError if there is no such file, it cannot be read, its gzip data are damaged, or become too much.
 */
export async function readBytes(
  place: string | URL,
  limit: SizeLimit = {},
  promised: PromisedBytes = () => undefined,
): Promise<Uint8Array> {
  const path = dataPath(place);
  const { readFile } = await import('node:fs/promises');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new DataError(path, 'file', problems[code] ?? `cannot be read (${code})`, { cause });
  }
  return path.endsWith('.gz') ? gunzip(bytes, path, limit, promised) : bytes;
}

/** Packed bytes that are unpacked to see the header: at most 1,032 times as many come out. */
const headerPiece = 8192;

async function gunzip(bytes: Uint8Array, path: string, limit: SizeLimit, promised: PromisedBytes): Promise<Uint8Array> {
  const { gunzipSync, constants } = await import('node:zlib');
  const damaged = (cause: unknown): DataError => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new DataError(path, 'gzip data', `cannot be unpacked (${reason}); get the file again`, { cause });
  };
  let start: Uint8Array;
  try {
    start = gunzipSync(bytes.subarray(0, headerPiece), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw damaged(cause);
  }
  const expected = promised(start);
  if (expected !== undefined) checkSize(expected, limit, path, 'data');
  const { maxBytes = defaultMaxBytes } = limit;
  checkSize(0, limit, path, 'gzip data');
  // One more, so that data that are too long are seen to be.
  const most = Math.min(maxBytes, expected === undefined ? maxBytes : expected + 1);
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, most) });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') throw damaged(cause);
    if (expected === undefined || maxBytes <= expected) checkSize(Number.POSITIVE_INFINITY, limit, path, 'gzip data');
    throw new DataError(path, 'data', `more than the ${expected} bytes that its header promises; get the file again`, {
      cause,
    });
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the path',
  EISDIR: 'is a directory; name a file in it',
  ENOTDIR: 'no such file; a part of the path is not a directory',
  EACCES: 'may not be read; change its permissions',
  ERR_FS_FILE_TOO_LARGE: 'larger than 2 GiB, which Node reads at once; read it piece by piece',
};
