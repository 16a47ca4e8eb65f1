import { classCoverage } from './class-coverage.ts';
import { DataError } from './data-error.ts';
import { dataPath } from './data-path.ts';
import type { DataSplit, Dataset } from './dataset.ts';
import { datasetFromArrays } from './dataset-from-arrays.ts';
import { checkDatasetOptions, type DatasetOptions, tell } from './dataset-options.ts';
import { idxBytes, parseIdxHeader } from './idx-header.ts';
import { parseIdx } from './parse-idx.ts';
import { readBytes, type SizeLimit } from './read-bytes.ts';
import type { NumberArray } from './typed-array.ts';

/**
 * Reads the four files of MNIST (or of a data set in its format) from a directory: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, each also with `.gz` or with a dot before `idx`. Pixels are divided by 256.
 *
 * A class that only one part holds is told (`note`).
 *
 * @param directory path or `file:` URL
 * @param options `classes`: default 10
 * @throws DataError naming a missing file, or the file with a wrong magic number, element type, shape or length.
 */
export async function loadMnistIdx(
  directory: string | URL,
  options: DatasetOptions & SizeLimit = {},
): Promise<DataSplit> {
  checkDatasetOptions(options, ['maxBytes'], 'loadMnistIdx');
  const folder = dataPath(directory);
  const [train, test] = [await loadPart(folder, 'train', options), await loadPart(folder, 't10k', options)];
  for (const line of classCoverage(train, test)) tell(options, folder, line);
  return { train, test };
}

async function loadPart(
  directory: string,
  part: string,
  { maxBytes, ...options }: DatasetOptions & SizeLimit,
): Promise<Dataset> {
  const limit = maxBytes === undefined ? {} : { maxBytes };
  const imagesPath = await find(directory, `${part}-images-idx3-ubyte`);
  const labelsPath = await find(directory, `${part}-labels-idx1-ubyte`);
  const images = await readIdx(imagesPath, limit);
  const labels = await readIdx(labelsPath, limit);
  if (!(images.data instanceof Uint8Array)) throw new DataError(imagesPath, 'element type', 'not unsigned bytes');
  return datasetFromArrays(
    { images, labels, imagesField: 'images', labelsField: `labels (${labelsPath})` },
    imagesPath,
    options.labelIds === undefined ? { classes: 10, ...options } : options,
  );
}

async function readIdx(path: string, limit: SizeLimit): Promise<NumberArray> {
  return parseIdx(await readBytes(path, limit, (start) => idxBytes(parseIdxHeader(start, path))), path);
}

async function find(directory: string, name: string): Promise<string> {
  const { access } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const dotted = name.replace('-idx', '.idx');
  const names = [name, `${name}.gz`, dotted, `${dotted}.gz`];
  for (const candidate of names) {
    const path = join(directory, candidate);
    try {
      await access(path);
      return path;
    } catch {
      // The next spelling may exist.
    }
  }
  throw new DataError(directory, name, `no such file in this directory (looked for ${names.join(', ')})`);
}
