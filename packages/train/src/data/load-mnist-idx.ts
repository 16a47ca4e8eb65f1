import { classCoverage } from './class-coverage.ts';
import { DataError } from './data-error.ts';
import { dataPath } from './data-path.ts';
import type { DataSplit, Dataset } from './dataset.ts';
import { checkDatasetOptions, type DatasetOptions, tell } from './dataset-options.ts';
import { idxDataset } from './load-idx.ts';
import type { SizeLimit } from './size-limit.ts';

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

async function loadPart(directory: string, part: string, options: DatasetOptions & SizeLimit): Promise<Dataset> {
  const images = await find(directory, `${part}-images-idx3-ubyte`);
  const labels = await find(directory, `${part}-labels-idx1-ubyte`);
  return idxDataset(images, labels, options.labelIds === undefined ? { classes: 10, ...options } : options, true);
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
