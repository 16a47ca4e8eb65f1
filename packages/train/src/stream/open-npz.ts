import { DataError } from '../data/data-error.ts';
import type { ArrayReader } from './array-reader.ts';
import { withOpenFile } from './file-array.ts';
import { npyAt } from './open-npy.ts';
import { type StreamArraysOptions, streamArrays } from './stream-arrays.ts';
import type { StreamingDataset } from './streaming-dataset.ts';
import { contentOffset, zipDirectory } from './zip-directory.ts';

/** Which arrays hold the data. */
export interface StreamNpzOptions extends StreamArraysOptions {
  /** Default `'x'`. */
  readonly images?: string;
  /** Default `'y'`. */
  readonly labels?: string;
}

/**
 * Opens one array of an uncompressed NumPy `.npz` file (`numpy.savez`; Node) to read it piece by piece.
 *
 * @throws DataError if it is no zip file, is damaged, has no such array or holds it compressed, and as `parseNpy`.
 */
export async function openNpz(path: string, name: string): Promise<ArrayReader> {
  return withOpenFile(path, async (file) => {
    const entries = await zipDirectory(file);
    const entry = entries.find((candidate) => candidate.name === `${name}.npy`);
    const field = `array '${name}'`;
    if (entry === undefined) {
      const names = entries.map((candidate) => `'${candidate.name.replace(/\.npy$/, '')}'`).join(', ');
      throw new DataError(path, field, `missing (the file holds ${names || 'nothing'})`);
    }
    if (entry.method !== 0) {
      throw new DataError(
        path,
        field,
        'compressed, so no part of it can be read by itself; save it with numpy.savez, not savez_compressed',
      );
    }
    return npyAt(file, await contentOffset(file, entry), entry.storedSize, field);
  });
}

/** Streams two arrays of an uncompressed `.npz` file. See `streamArrays`. */
export async function streamNpz(path: string, options: StreamNpzOptions = {}): Promise<StreamingDataset> {
  const { images: imagesName = 'x', labels: labelsName = 'y', ...rest } = options;
  const images = await openNpz(path, imagesName);
  const labels = await openNpz(path, labelsName).catch(async (error: unknown) => {
    await images.close();
    throw error;
  });
  return streamArrays(images, labels, rest);
}
