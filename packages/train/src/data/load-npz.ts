import { DataError } from './data-error.ts';
import type { DataSplit } from './dataset.ts';
import { datasetFromArrays } from './dataset-from-arrays.ts';
import { parseNpz } from './parse-npz.ts';
import { readBytes } from './read-bytes.ts';
import { everyFifthTests } from './sparse-digits.ts';
import type { NumberArray } from './typed-array.ts';

/**
 * Reads images from a NumPy `.npz` file. It holds either `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y` (then images whose index
 * is divisible by 5 are the test part). Shapes as in `datasetFromArrays`.
 *
 * @throws DataError naming the file and the array that is missing, wrong-shaped or damaged.
 */
export async function loadNpz(path: string): Promise<DataSplit> {
  const arrays = parseNpz(await readBytes(path), path);
  const split = ['x_train', 'y_train', 'x_test', 'y_test'].find((name) => arrays.has(name));
  const plain = ['x', 'y'].find((name) => arrays.has(name));
  if (split !== undefined && plain !== undefined) {
    throw new DataError(
      path,
      `array '${plain}'`,
      `the file holds '${split}' too, so it is not clear what to train with; save x and y, or x_train, y_train, x_test and y_test`,
    );
  }
  if (plain !== undefined) return everyFifthTests(datasetFromArrays(pair(arrays, 'x', 'y', path), path));
  const trainArrays = pair(arrays, 'x_train', 'y_train', path);
  const testArrays = pair(arrays, 'x_test', 'y_test', path);
  const train = datasetFromArrays(trainArrays, path);
  const test = datasetFromArrays(testArrays, path, train.classes);
  if (test.shape.join() !== train.shape.join()) {
    throw new DataError(
      path,
      "array 'x_test'",
      `images of ${test.shape.join(' × ')}, but those of 'x_train' are ${train.shape.join(' × ')}`,
    );
  }
  return { train, test };
}

function pair(
  arrays: ReadonlyMap<string, NumberArray>,
  x: string,
  y: string,
  path: string,
): Parameters<typeof datasetFromArrays>[0] {
  const images = arrays.get(x);
  const labels = arrays.get(y);
  if (images === undefined || labels === undefined) {
    const missing = images === undefined ? x : y;
    throw new DataError(
      path,
      `array '${missing}'`,
      `missing (the file holds ${[...arrays.keys()].map((name) => `'${name}'`).join(', ') || 'nothing'}); save x_train, y_train, x_test and y_test, or x and y`,
    );
  }
  return { images, labels, imagesField: `array '${x}'`, labelsField: `array '${y}'` };
}
