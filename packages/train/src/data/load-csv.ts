import { DataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { type CsvOptions, parseCsv } from './parse-csv.ts';
import { readBytes } from './read-bytes.ts';

/**
 * Reads images from a file of comma-separated lines (Node), `.gz` or not; see `parseCsv`.
 *
 * @throws DataError naming the file, and the line that is wrong.
 * @example
 * const train = await loadCsv('train.csv', { shape: [28, 28, 1], classes: 10, label: 'first', headerLines: 1 });
 */
export async function loadCsv(path: string, options: CsvOptions): Promise<Dataset> {
  const bytes = await readBytes(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataError(path, 'text', 'is not UTF-8 text; give a file of comma-separated numbers', { cause });
  }
  return parseCsv(text, options, path);
}
