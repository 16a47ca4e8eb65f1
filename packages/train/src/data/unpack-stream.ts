import { DataError } from './data-error.ts';
import { longestIdxHeader } from './idx-header.ts';
import { checkSize, defaultMaxBytes, type PromisedBytes, type SizeLimit } from './size-limit.ts';

/** `gunzip` where there is no Node: with the platform's own stream, which checks the data too. */
export async function unpackStream(
  bytes: Uint8Array,
  path: string,
  limit: SizeLimit,
  promised: PromisedBytes,
): Promise<Uint8Array> {
  checkSize(0, limit, path, 'gzip data');
  const { maxBytes = defaultMaxBytes } = limit;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  let expected: number | undefined;
  let isHeaderKnown = false;
  const look = (): void => {
    isHeaderKnown = true;
    expected = promised(joined(pieces, size));
    if (expected !== undefined) checkSize(expected, limit, path, 'data');
  };
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new DataError(path, 'gzip data', `cannot be unpacked (${why}); get the file again`, { cause });
      });
      if (value !== undefined) {
        pieces.push(value);
        size += value.length;
      }
      if (!isHeaderKnown && (done || size >= longestIdxHeader)) look();
      if (expected !== undefined && size > expected) {
        throw new DataError(
          path,
          'data',
          `more than the ${expected} bytes that its header promises; get the file again`,
        );
      }
      if (size > maxBytes) checkSize(Number.POSITIVE_INFINITY, limit, path, 'gzip data');
      if (done) return joined(pieces, size);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
