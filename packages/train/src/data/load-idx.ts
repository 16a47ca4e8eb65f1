import { DataError } from './data-error.ts';
import { type DataPlace, dataPath } from './data-path.ts';
import type { Dataset } from './dataset.ts';
import { datasetFromArrays } from './dataset-from-arrays.ts';
import { checkDatasetOptions, type DatasetOptions } from './dataset-options.ts';
import { idxBytes, parseIdxHeader } from './idx-header.ts';
import { parseIdx } from './parse-idx.ts';
import { readBytes } from './read-bytes.ts';
import type { SizeLimit } from './size-limit.ts';
import type { NumberArray } from './typed-array.ts';

/**
 * Reads a data set of two IDX files (the format of MNIST), `.gz` or not: images and labels. Shapes and values as in `datasetFromArrays`.
 *
 * @param images path or `file:` URL (Node), or a file at hand; so are `labels`
 * @throws DataError naming the file with a wrong magic number, element type, shape or length.
 * @example
 * const train = await loadIdx('train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz');
 */
export async function loadIdx(
  images: DataPlace,
  labels: DataPlace,
  options: DatasetOptions & SizeLimit = {},
): Promise<Dataset> {
  checkDatasetOptions(options, ['maxBytes'], 'loadIdx');
  return idxDataset(images, labels, options, false);
}

/** `loadIdx` for callers that have checked the options; those that want bytes refuse other images. */
export async function idxDataset(
  imagesPlace: DataPlace,
  labelsPlace: DataPlace,
  { maxBytes, ...options }: DatasetOptions & SizeLimit,
  wantsBytes: boolean,
): Promise<Dataset> {
  const limit = maxBytes === undefined ? {} : { maxBytes };
  const images = await readIdx(imagesPlace, limit);
  const labels = await readIdx(labelsPlace, limit);
  const source = dataPath(imagesPlace);
  if (wantsBytes && !(images.data instanceof Uint8Array)) {
    throw new DataError(source, 'element type', 'not unsigned bytes');
  }
  return datasetFromArrays(
    { images, labels, imagesField: 'images', labelsField: `labels (${dataPath(labelsPlace)})` },
    source,
    options,
  );
}

async function readIdx(place: DataPlace, limit: SizeLimit): Promise<NumberArray> {
  const path = dataPath(place);
  return parseIdx(await readBytes(place, limit, (start) => idxBytes(parseIdxHeader(start, path))), path);
}
