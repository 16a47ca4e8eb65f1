import { dataPath } from '../data/data-path.ts';
import { npyHeaderLength, npyPrefix, parseNpyHeader } from '../data/npy-header.ts';
import type { ArrayReader } from './array-reader.ts';
import { fileArray, type OpenFile, withOpenFile } from './file-array.ts';
import { type StreamArraysOptions, streamArrays } from './stream-arrays.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/**
 * Opens a NumPy `.npy` file (Node) to read it piece by piece.
 *
 * @throws DataError as `parseNpy`.
 */
export async function openNpy(place: string | URL, field = 'array'): Promise<ArrayReader> {
  return withOpenFile(dataPath(place), (file) => npyAt(file, 0, file.size, field));
}

/** The `.npy` array that takes the bytes `offset … offset + length − 1` of a file. */
export async function npyAt(file: OpenFile, offset: number, length: number, field: string): Promise<ArrayReader> {
  const prefix = await file.read(offset, Math.min(length, npyPrefix), field);
  const headerLength = Math.min(length, npyHeaderLength(prefix, file.path, field));
  const header = parseNpyHeader(await file.read(offset, headerLength, field), file.path, field);
  const { type, bigEndian, shape, dataOffset } = header;
  return fileArray(file, { field, type, bigEndian, shape, offset: offset + dataOffset, bytes: length - dataOffset });
}

/** Streams a `.npy` file of images and one of labels. See `streamArrays`. */
export async function streamNpy(
  imagesPath: string | URL,
  labelsPath: string | URL,
  options?: StreamArraysOptions,
): Promise<StreamingDataset> {
  const images = await openNpy(imagesPath, 'images');
  const labels = await openNpy(labelsPath, 'labels').catch(async (error: unknown) => {
    await images.close();
    throw error;
  });
  return streamArrays(images, labels, options);
}
