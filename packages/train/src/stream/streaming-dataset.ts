import type { Batch } from '../data/batches.ts';
import { type Dataset, type ImageShape, pixelsPerImage } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import { checkRows } from './array-reader.ts';
import { readChecked } from './read-checked.ts';

/** Labelled images that are read or made piece by piece, so that memory does not grow with their number. */
export interface StreamingDataset {
  /** File name or other name, for errors. */
  readonly name: string;
  /** Number of images. */
  readonly length: number;
  /** `[height, width, channels]`. */
  readonly shape: ImageShape;
  readonly classes: number;
  /** As in `Dataset`. */
  readonly labelIds?: readonly number[];
  /** Images `start … end − 1`, all of them, in arrays of just that length; `fit` refuses others. */
  read(start: number, end: number): Promise<Batch>;
  /** Closes files. May be called twice. */
  close(): Promise<void>;
}

/** A data set in memory as a streaming one, for code that takes either. */
export function streamDataset(dataset: Dataset, name = 'data'): StreamingDataset {
  const { images, labels, ...rest } = dataset;
  const { shape } = rest;
  const pixels = pixelsPerImage(shape);
  return {
    name,
    length: labels.length,
    ...rest,
    async read(start, end) {
      checkRows(start, end, labels.length, name);
      const part = images.subarray(start * pixels, end * pixels);
      return { size: end - start, images: part, labels: labels.subarray(start, end) };
    },
    close: async () => {},
  };
}

/**
 * Images `start … end − 1` of a streaming data set as one of their own, e.g. to split off a test part. Files stay open until the whole data
 * set or a part of it is closed.
 *
 * @throws OptionError for a range outside the data set, or an empty one.
 */
export function sliceStream(data: StreamingDataset, start: number, end: number): StreamingDataset {
  checkRows(start, end, data.length, data.name);
  if (start === end) throw new OptionError(`${data.name}: the part ${start} … ${end} holds no image`);
  return {
    ...data,
    length: end - start,
    read: async (from, to) => {
      checkRows(from, to, end - start, data.name);
      return data.read(start + from, start + to);
    },
    close: () => data.close(),
  };
}

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
