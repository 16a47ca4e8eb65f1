import type { Batch } from '../data/batches.ts';
import { type Dataset, type ImageShape, pixelsPerImage } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import { checkRows } from './array-reader.ts';

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
