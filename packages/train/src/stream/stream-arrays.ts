import { DataError } from '../data/data-error.ts';
import { datasetFromArrays } from '../data/dataset-from-arrays.ts';
import type { ArrayReader } from './array-reader.ts';
import { checkRows } from './array-reader.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/** What cannot be seen in the arrays. */
export interface StreamArraysOptions {
  /** Number of classes. Default: the largest label + 1, found by reading all labels once. */
  readonly classes?: number;
}

/** Labels looked at together when classes are counted. */
const labelPiece = 65_536;

/**
 * Makes a streaming data set of an array of images `[count, height, width]` or `[count, height, width, channels]` and one of labels `[count]` or
 * `[count, classes]` (one-hot), as `datasetFromArrays` does of arrays in memory. Every piece is checked when it is read.
 *
 * @throws DataError naming the file and array with a wrong shape or value; from `read` with the images concerned.
 */
export async function streamArrays(
  images: ArrayReader,
  labels: ArrayReader,
  options: StreamArraysOptions = {},
): Promise<StreamingDataset> {
  const close = async (): Promise<void> => {
    await images.close();
    await labels.close();
  };
  try {
    const [length, height, width, channels = 1] = images.shape;
    if (images.shape.length < 3 || images.shape.length > 4 || images.shape.slice(1).some((size) => size < 1)) {
      throw new DataError(
        images.source,
        images.field,
        `shape [${images.shape.join(', ')}], expected [count, height, width] or [count, height, width, channels]`,
      );
    }
    if (length === 0) throw new DataError(images.source, images.field, 'no images; give at least one');
    if (labels.shape[0] !== length || labels.shape.length > 2) {
      throw new DataError(
        labels.source,
        labels.field,
        `shape [${labels.shape.join(', ')}], expected [${length}] or [${length}, classes] to go with the ${length} images`,
      );
    }
    const classes = options.classes ?? (await countClasses(labels));
    return {
      name: images.source,
      length,
      shape: [height, width, channels],
      classes,
      close,
      async read(start, end) {
        checkRows(start, end, length, images.source);
        const [pixels, truth] = await Promise.all([images.read(start, end), labels.read(start, end)]);
        const part = datasetFromArrays(
          {
            images: { shape: [end - start, ...images.shape.slice(1)], data: pixels },
            labels: { shape: [end - start, ...labels.shape.slice(1)], data: truth },
            imagesField: images.field,
            labelsField: labels.field,
          },
          `${images.source}, images ${start} … ${end - 1} counted from ${start}`,
          classes,
        );
        return { size: end - start, images: part.images, labels: part.labels };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function countClasses(labels: ArrayReader): Promise<number> {
  const [length, width = 1] = labels.shape;
  if (width > 1) return width;
  let largest = 1;
  for (let start = 0; start < length; start += labelPiece) {
    const piece = await labels.read(start, Math.min(length, start + labelPiece));
    for (const label of piece) largest = Math.max(largest, Number(label));
  }
  if (!Number.isInteger(largest)) {
    throw new DataError(labels.source, labels.field, `label ${largest} is not a whole number ≥ 0`);
  }
  return largest + 1;
}
