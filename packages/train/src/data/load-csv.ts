import { DataError } from './data-error.ts';
import { dataPath } from './data-path.ts';
import type { Dataset } from './dataset.ts';
import { type CsvOptions, parseCsv } from './parse-csv.ts';
import { readBytes, type SizeLimit } from './read-bytes.ts';

/** A text can hold no more bytes, whatever the memory. */
const longestText = 2 ** 29 - 24;

/**
 * Reads images from a file of comma-separated lines (Node), `.gz` or not; see `parseCsv`.
 *
 * @param place path or `file:` URL
 *
 * @throws DataError naming the file, and the line that is wrong.
 * @example
 * const train = await loadCsv('train.csv', { shape: [28, 28, 1], classes: 10, label: 'first', headerLines: 1 });
 */
export async function loadCsv(place: string | URL, options: CsvOptions & SizeLimit = {}): Promise<Dataset> {
  const path = dataPath(place);
  const bytes = await readBytes(path, { maxBytes: longestText, ...options });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataError(path, 'text', 'is not UTF-8 text; give a file of comma-separated numbers', { cause });
  }
  return parseCsv(text, options, path);
}
