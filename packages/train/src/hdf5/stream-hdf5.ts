import { type StreamArraysOptions, streamArrays } from '../stream/stream-arrays.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { openHdf5 } from './open-hdf5.ts';

/** Which datasets hold the data. */
export interface StreamHdf5Options extends StreamArraysOptions {
  /** Path of the images in the file. Default `'x'`. */
  readonly images?: string;
  /** Path of the labels in the file. Default `'y'`. */
  readonly labels?: string;
}

/**
 * Streams images and labels of an HDF5 file (Node). See `streamArrays` for shapes and values.
 *
 * @throws DataError as `openHdf5` and `streamArrays`.
 * @example
 * const jets = await streamHdf5('train.h5', { images: 'images', labels: 'labels' });
 */
export async function streamHdf5(path: string | URL, options: StreamHdf5Options = {}): Promise<StreamingDataset> {
  const { images: imagesName = 'x', labels: labelsName = 'y', ...rest } = options;
  const images = await openHdf5(path, imagesName);
  const labels = await openHdf5(path, labelsName).catch(async (error: unknown) => {
    await images.close();
    throw error;
  });
  return streamArrays(images, labels, rest);
}
