import { type ClassLabels, classLabels, describeLabelIds, labelNumber } from '../data/class-labels.ts';
import { DataError } from '../data/data-error.ts';
import { datasetOfClasses } from '../data/dataset-from-arrays.ts';
import {
  channelsHint,
  checkDatasetOptions,
  type DatasetOptions,
  imageAxes,
  namedClasses,
  tell,
} from '../data/dataset-options.ts';
import type { ArrayReader } from './array-reader.ts';
import { checkRows } from './array-reader.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/** What cannot be seen in the arrays. Without `classes` all labels are read once. */
export type StreamArraysOptions = DatasetOptions;

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
    checkDatasetOptions(options, [], 'streamArrays');
    const [length] = images.shape;
    const { shape } = imageAxes(images.shape, options.channels, images.source, images.field);
    if (shape.some((size) => size < 1)) {
      throw new DataError(
        images.source,
        images.field,
        `shape [${images.shape.join(', ')}] holds no pixel; give images`,
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
    const known = namedClasses(options, images.source) ?? (await findClasses(labels));
    tell(options, images.source, channelsHint(images.shape, options.channels));
    if (known.labelIds !== undefined && options.labelIds === undefined) {
      tell(options, labels.source, describeLabelIds(known.labelIds));
    }
    return {
      name: images.source,
      length,
      shape,
      ...known,
      close,
      async read(start, end) {
        checkRows(start, end, length, images.source);
        const [pixels, truth] = await Promise.all([images.read(start, end), labels.read(start, end)]);
        const part = datasetOfClasses(
          {
            images: { shape: [end - start, ...images.shape.slice(1)], data: pixels },
            labels: { shape: [end - start, ...labels.shape.slice(1)], data: truth },
            imagesField: images.field,
            labelsField: labels.field,
          },
          `${images.source}, images ${start} … ${end - 1} counted from ${start}`,
          { ...options, note: () => {} },
          known,
        );
        return { size: end - start, images: part.images, labels: part.labels };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function findClasses(labels: ArrayReader): Promise<ClassLabels> {
  const [length, width = 1] = labels.shape;
  if (width > 1) return { classes: width };
  const found = new Set<number>();
  for (let start = 0; start < length; start += labelPiece) {
    const end = Math.min(length, start + labelPiece);
    const piece = await labels.read(start, end);
    for (let j = 0; j < piece.length; j++) found.add(labelNumber(piece[j], start + j, labels.source, labels.field));
  }
  return classLabels(found, labels.source, labels.field);
}
