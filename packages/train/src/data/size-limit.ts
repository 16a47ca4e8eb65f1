import { DataError } from './data-error.ts';

/** How much memory a file may take. */
export interface SizeLimit {
  /**
   * Most bytes that a packed file or array may become when it is unpacked. Default 2 GiB (2³¹); more is refused before memory is taken. Raise it for
   * larger data that you trust, or read them piece by piece.
   */
  readonly maxBytes?: number;
}

export const defaultMaxBytes: number = 2 ** 31;

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
