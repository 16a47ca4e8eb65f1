import { DataError } from '../data/data-error.ts';
import { dataPath } from '../data/data-path.ts';
import { longestIdxHeader, parseIdxHeader } from '../data/idx-header.ts';
import type { ArrayReader } from './array-reader.ts';
import { fileArray, withOpenFile } from './file-array.ts';
import { type StreamArraysOptions, streamArrays } from './stream-arrays.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/**
 * Opens an IDX file (Node) to read it piece by piece.
 *
 * @throws DataError as `parseIdx`, and for a gzipped file.
 */
export async function openIdx(place: string | URL, field = 'data'): Promise<ArrayReader> {
  const path = dataPath(place);
  return withOpenFile(path, async (file) => {
    const start = await file.read(0, Math.min(file.size, longestIdxHeader), field);
    if (start[0] === 0x1f && start[1] === 0x8b) {
      throw new DataError(path, 'magic number', 'gzipped, so no part of it can be read by itself; unpack it first');
    }
    const { type, shape, dataOffset } = parseIdxHeader(start, path);
    return fileArray(file, { field, type, shape, bigEndian: true, offset: dataOffset, bytes: file.size - dataOffset });
  });
}

/** Streams a pair of IDX files, as of MNIST; pixels of unsigned bytes are divided by 256. See `streamArrays`. */
export async function streamIdx(
  imagesPath: string | URL,
  labelsPath: string | URL,
  options?: StreamArraysOptions,
): Promise<StreamingDataset> {
  const images = await openIdx(imagesPath, 'images');
  const labels = await openIdx(labelsPath, 'labels').catch(async (error: unknown) => {
    await images.close();
    throw error;
  });
  return streamArrays(images, labels, options);
}
