import { DataError } from './data-error.ts';
import { type DataPlace, dataPath } from './data-path.ts';
import type { Dataset } from './dataset.ts';
import { type CsvOptions, parseCsv } from './parse-csv.ts';
import { readBytes } from './read-bytes.ts';
import type { SizeLimit } from './size-limit.ts';

/** A text can hold no more bytes, whatever the memory. */
const longestText = 2 ** 29 - 24;

/**
 * Reads images from a file of comma-separated lines, `.gz` or not; see `parseCsv`.
 *
 * @param place path or `file:` URL (Node), or a file at hand
 *
 * @throws DataError naming the file, and the line that is wrong.
 * @example
 * const train = await loadCsv('train.csv', { shape: [28, 28, 1], classes: 10, label: 'first', headerLines: 1 });
 */
export async function loadCsv(place: DataPlace, options: CsvOptions & SizeLimit = {}): Promise<Dataset> {
  const path = dataPath(place);
  const bytes = await readBytes(place, { maxBytes: longestText, ...options });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataError(path, 'text', 'is not UTF-8 text; give a file of comma-separated numbers', { cause });
  }
  return parseCsv(text, options, path);
}
