import { DataError } from './data-error.ts';
import type { DataSplit, Dataset } from './dataset.ts';
import { datasetFromArrays } from './dataset-from-arrays.ts';
import { parseIdx } from './parse-idx.ts';
import { readBytes } from './read-bytes.ts';

/**
 * Reads the four files of MNIST (or of a data set in its format) from a directory: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, each also with `.gz` or with a dot before `idx`. Pixels are divided by 256.
 *
 * @throws DataError naming a missing file, or the file with a wrong magic number, element type, shape or length.
 */
export async function loadMnistIdx(directory: string): Promise<DataSplit> {
  return { train: await loadPart(directory, 'train'), test: await loadPart(directory, 't10k') };
}

async function loadPart(directory: string, part: string): Promise<Dataset> {
  const imagesPath = await find(directory, `${part}-images-idx3-ubyte`);
  const labelsPath = await find(directory, `${part}-labels-idx1-ubyte`);
  const images = parseIdx(await readBytes(imagesPath), imagesPath);
  const labels = parseIdx(await readBytes(labelsPath), labelsPath);
  if (!(images.data instanceof Uint8Array)) throw new DataError(imagesPath, 'element type', 'not unsigned bytes');
  return datasetFromArrays(
    { images, labels, imagesField: 'images', labelsField: `labels (${labelsPath})` },
    imagesPath,
    10,
  );
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
