import { DataError } from './data-error.ts';
import { checkSize, defaultMaxBytes, type PromisedBytes, type SizeLimit } from './size-limit.ts';

/** Packed bytes that are unpacked to see the header: at most 1,032 times as many come out. */
const headerPiece = 8192;

/** Unpacks gzip data (Node). @throws DataError when they are damaged, or become more than is allowed or promised. */
export async function gunzip(
  bytes: Uint8Array,
  path: string,
  limit: SizeLimit,
  promised: PromisedBytes,
): Promise<Uint8Array> {
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
