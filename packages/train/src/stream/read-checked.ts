import type { Batch } from '../data/batches.ts';
import { isClass, noClass } from '../data/class-index.ts';
import { DataError } from '../data/data-error.ts';
import { pixelsPerImage } from '../data/dataset.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/**
 * Images `start … end − 1` of a streaming data set, refusing what its `read` must not give: another number of images, arrays that do not fit it,
 * labels that are no classes. Pixels are not looked at.
 *
 * @throws DataError naming the data set and the images; and what reading throws.
 */
export async function readChecked(data: StreamingDataset, start: number, end: number): Promise<Batch> {
  const batch = await data.read(start, end);
  const { size, images, labels } = batch;
  const refuse = (problem: string): never => {
    throw new DataError(data.name, `images ${start} … ${end - 1}`, problem);
  };
  const count = end - start;
  if (size !== count) refuse(`read gave ${size} images instead of ${count}; correct read or length`);
  for (const [name, { length }, wanted] of [
    ['images', images, count * pixelsPerImage(data.shape)],
    ['labels', labels, count],
  ] as const) {
    if (length !== wanted) refuse(`read gave ${length} numbers as ${name}, but ${count} images need ${wanted}`);
  }
  for (let j = 0; j < count; j++) {
    if (!isClass(labels[j], data.classes)) {
      refuse(`label ${labels[j]} of image ${start + j} ${noClass(labels[j], data.classes)}`);
    }
  }
  return batch;
}
