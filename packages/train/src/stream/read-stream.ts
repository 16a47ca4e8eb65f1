import { type Dataset, pixelsPerImage } from '../data/dataset.ts';
import { checkRows } from './array-reader.ts';
import { readChecked } from './read-checked.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/** Reads images `start … end − 1` (default all) into memory, e.g. for `fit` or for a study of the data. @throws DataError as `streamBatches`. */
export async function readStream(data: StreamingDataset, start = 0, end: number = data.length): Promise<Dataset> {
  checkRows(start, end, data.length, data.name);
  const { shape, classes, labelIds } = data;
  const pixels = pixelsPerImage(shape);
  const images = new Float32Array((end - start) * pixels);
  const labels = new Int32Array(end - start);
  const piece = 1024;
  for (let from = start; from < end; from += piece) {
    const batch = await readChecked(data, from, Math.min(end, from + piece));
    images.set(batch.images, (from - start) * pixels);
    labels.set(batch.labels, from - start);
  }
  return { images, labels, shape, classes, ...(labelIds === undefined ? {} : { labelIds }) };
}
