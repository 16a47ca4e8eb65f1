import { type DataPlace, dataPath } from '../data/data-path.ts';
import type { DataSplit } from '../data/dataset.ts';
import { checkDatasetOptions } from '../data/dataset-options.ts';
import type { LoadOptions } from '../data/load-npz.ts';
import { checkSize, type SizeLimit } from '../data/size-limit.ts';
import { givenNames, partNames, splitArrays } from '../data/split-arrays.ts';
import type { NumberArray } from '../data/typed-array.ts';
import type { ArrayReader } from '../stream/array-reader.ts';
import { hdf5Names, openHdf5 } from './open-hdf5.ts';

/** Which datasets hold the data, and what they do not tell; `images` and `labels` are paths in the file. */
export type LoadHdf5Options = LoadOptions;

/**
 * Reads images from an HDF5 file as `loadNpz` does from NumPy's: from the datasets `x_train`, `y_train`, `x_test` and `y_test`, or `x` and `y`,
 * or those that `images` and `labels` name. Larger files are read piece by piece: `streamHdf5`.
 *
 * @param place path or `file:` URL (Node), or a file at hand
 * @throws DataError as `openHdf5`, and naming the dataset that is missing or wrong-shaped.
 * @example
 * const { train, test } = await loadHdf5('jets.h5', { images: 'jets/images', labels: 'jets/labels' });
 */
export async function loadHdf5(place: DataPlace, options: LoadHdf5Options = {}): Promise<DataSplit> {
  checkDatasetOptions(options, ['images', 'labels', 'seed', 'maxBytes'], 'loadHdf5');
  const path = dataPath(place);
  const named = givenNames(options, path);
  const stored = (name: string): string => (named === undefined ? name : named[name as 'x' | 'y']);
  const field = (name: string): string => `dataset '${stored(name)}'`;
  const wanted = named === undefined ? partNames(await hdf5Names(place), path, field) : ['x', 'y'];
  const arrays = new Map<string, NumberArray>();
  for (const name of wanted) {
    arrays.set(name, await readWhole(await openHdf5(place, stored(name)), options));
  }
  return splitArrays(arrays, path, options, field);
}

/** Bytes that go through the library's memory at once. */
const piece = 2 ** 25;

async function readWhole(reader: ArrayReader, limit: SizeLimit): Promise<NumberArray> {
  const { shape, source, field } = reader;
  const [rows, ...rest] = shape;
  const perRow = rest.reduce((product, size) => product * size, 1);
  try {
    const none = (await reader.read(0, 0)) as Float32Array;
    const width = none.BYTES_PER_ELEMENT;
    checkSize(rows * perRow * width, limit, source, field);
    const data = new (none.constructor as Float32ArrayConstructor)(rows * perRow);
    const step = Math.max(1, Math.floor(piece / (perRow * width)));
    for (let start = 0; start < rows; start += step) {
      data.set((await reader.read(start, Math.min(rows, start + step))) as Float32Array, start * perRow);
    }
    return { shape, data };
  } finally {
    await reader.close();
  }
}
