import { OptionError } from '../option-error.ts';
import { type Dataset, pixelsPerImage } from './dataset.ts';

/** Some images of a data set. The arrays are only valid until the next batch is asked for. */
export interface Batch {
  /** Number of images. */
  readonly size: number;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/**
 * Walks through a data set in batches, the last one possibly smaller. Without `order` a batch is a view on the data set; with
 * it the images are gathered into one buffer that all batches share, so memory does not grow with the data.
 *
 * @throws OptionError for a batch size that is not a whole number ≥ 1.
 */
export function* batches(dataset: Dataset, batchSize: number, order?: ArrayLike<number>): Generator<Batch, void, void> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new OptionError(`batches: batchSize ${batchSize} is not a whole number ≥ 1`);
  }
  const pixels = pixelsPerImage(dataset.shape);
  const count = order?.length ?? dataset.labels.length;
  const images = order === undefined ? undefined : new Float32Array(Math.min(batchSize, count) * pixels);
  const labels = order === undefined ? undefined : new Int32Array(Math.min(batchSize, count));
  for (let start = 0; start < count; start += batchSize) {
    const size = Math.min(batchSize, count - start);
    if (order === undefined || images === undefined || labels === undefined) {
      yield {
        size,
        images: dataset.images.subarray(start * pixels, (start + size) * pixels),
        labels: dataset.labels.subarray(start, start + size),
      };
      continue;
    }
    for (let to = 0; to < size; to++) {
      const from = order[start + to];
      images.set(dataset.images.subarray(from * pixels, (from + 1) * pixels), to * pixels);
      labels[to] = dataset.labels[from];
    }
    yield { size, images: images.subarray(0, size * pixels), labels: labels.subarray(0, size) };
  }
}
