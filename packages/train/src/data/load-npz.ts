import { DataError } from './data-error.ts';
import { type DataPlace, dataPath } from './data-path.ts';
import type { DataSplit } from './dataset.ts';
import { checkDatasetOptions, type DatasetOptions } from './dataset-options.ts';
import { npzNames, parseNpz } from './parse-npz.ts';
import { readBytes } from './read-bytes.ts';
import type { SizeLimit } from './size-limit.ts';
import { givenNames, partNames, splitArrays } from './split-arrays.ts';
import type { NumberArray } from './typed-array.ts';

/** What a file of arrays does not tell by itself, and how to divide it. */
export interface LoadOptions extends DatasetOptions, SizeLimit {
  /** Decides which images of one set become the test part. Default 0. */
  readonly seed?: number;
  /** Name of the images in the file, with `labels`: then a fifth of every class becomes the test part. Default: `x_train` and `x_test`, or `x`. */
  readonly images?: string;
  /** Name of the labels in the file, with `images`. Default: `y_train` and `y_test`, or `y`. */
  readonly labels?: string;
}

/**
 * Reads images from a NumPy `.npz` file. It holds either `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y` (then a fifth of every class becomes
 * the test part, the same one for the same seed), or arrays that `images` and `labels` name; those of other names may be of any type. Shapes as in `datasetFromArrays`.
 *
 * Labels with gaps are numbered over both parts; a class that only one part holds is told (`note`).
 *
 * @param place path or `file:` URL (Node), or a file at hand
 * @throws DataError naming the file and the array that is missing, wrong-shaped or damaged.
 */
export async function loadNpz(place: DataPlace, options: LoadOptions = {}): Promise<DataSplit> {
  checkDatasetOptions(options, ['images', 'labels', 'seed', 'maxBytes'], 'loadNpz');
  const path = dataPath(place);
  const named = givenNames(options, path);
  const bytes = await readBytes(place, options);
  const names = npzNames(bytes, path);
  if (named === undefined) {
    const wanted = partNames(names, path, field);
    return splitArrays(parseNpz(bytes, path, wanted, options), path, options, field);
  }
  const stored = [named.x, named.y];
  const arrays = parseNpz(bytes, path, stored, options);
  for (const name of stored.filter((name) => !arrays.has(name))) {
    throw new DataError(
      path,
      field(name),
      `missing (the file holds ${names.map((n) => `'${n}'`).join(', ') || 'nothing'})`,
    );
  }
  const pair = new Map([
    ['x', arrays.get(named.x) as NumberArray],
    ['y', arrays.get(named.y) as NumberArray],
  ]);
  return splitArrays(pair, path, options, (name) => field(named[name as 'x' | 'y']));
}

function field(name: string): string {
  return `array '${name}'`;
}
