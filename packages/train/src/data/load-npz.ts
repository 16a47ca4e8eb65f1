import { dataPath } from './data-path.ts';
import type { DataSplit } from './dataset.ts';
import { checkDatasetOptions, type DatasetOptions } from './dataset-options.ts';
import { npzNames, parseNpz } from './parse-npz.ts';
import { readBytes, type SizeLimit } from './read-bytes.ts';
import { partNames, splitArrays } from './split-arrays.ts';

/** What a file of arrays does not tell by itself, and how to divide it. */
export interface LoadOptions extends DatasetOptions, SizeLimit {
  /** Decides which images of one set become the test part. Default 0. */
  readonly seed?: number;
}

/**
 * Reads images from a NumPy `.npz` file. It holds either `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y` (then a fifth of every class becomes
 * the test part, the same one for the same seed); arrays of other names may be of any type. Shapes as in `datasetFromArrays`.
 *
 * Labels with gaps are numbered over both parts; a class that only one part holds is told (`note`).
 *
 * @param place path or `file:` URL
 * @throws DataError naming the file and the array that is missing, wrong-shaped or damaged.
 */
export async function loadNpz(place: string | URL, options: LoadOptions = {}): Promise<DataSplit> {
  checkDatasetOptions(options, ['seed', 'maxBytes'], 'loadNpz');
  const path = dataPath(place);
  const bytes = await readBytes(path, options);
  const names = npzNames(bytes, path);
  const wanted = partNames(names, path, field);
  return splitArrays(parseNpz(bytes, path, wanted, options), path, options, field);
}

function field(name: string): string {
  return `array '${name}'`;
}
