import { checkPacking, contentOffset, crc32, damagedEntry, zipDirectory } from '@sp/layers/formats';
import { DataError } from '../data/data-error.ts';
import { dataPath } from '../data/data-path.ts';
import { arrayEntry, arrayName, readFromFile, zipError } from '../data/zip-arrays.ts';
import type { ArrayReader } from './array-reader.ts';
import { withOpenFile } from './file-array.ts';
import { npyAt } from './open-npy.ts';
import { type StreamArraysOptions, streamArrays } from './stream-arrays.ts';
import type { StreamingDataset } from './streaming-dataset.ts';

/** Which arrays hold the data. */
export interface StreamNpzOptions extends StreamArraysOptions {
  /** Default `'x'`. */
  readonly images?: string;
  /** Default `'y'`. */
  readonly labels?: string;
}

/** Bytes looked at together when a checksum is computed. */
const piece = 2 ** 22;

/**
 * Opens one array of an uncompressed NumPy `.npz` file (`numpy.savez`; Node) to read it piece by piece. The array is read once to check its CRC-32,
 * without keeping it.
 *
 * @throws DataError if it is no zip file, is damaged, has no such array or holds it compressed, and as `parseNpy`.
 */
export async function openNpz(place: string | URL, name: string): Promise<ArrayReader> {
  const path = dataPath(place);
  return withOpenFile(path, async (file) => {
    const entries = await readFromFile(file, zipDirectory(file.size));
    const entry = arrayEntry(entries, name);
    const field = `array '${name}'`;
    if (entry === undefined) {
      const names = [...new Set([...entries.keys()].map((key) => `'${arrayName(key)}'`))].join(', ');
      throw new DataError(path, field, `missing (the file holds ${names || 'nothing'})`);
    }
    if (entry.method !== 0) {
      throw new DataError(
        path,
        field,
        'compressed, so no part of it can be read by itself; save it with numpy.savez, not savez_compressed',
      );
    }
    const offset = await readFromFile(file, contentOffset(entry));
    try {
      checkPacking(entry);
      // What the array says of itself is told before what its checksum says.
      const array = await npyAt(file, offset, entry.storedSize, field);
      let sum = 0;
      for (let at = 0; at < entry.size; at += piece) {
        sum = crc32(await file.read(offset + at, Math.min(piece, entry.size - at), field), sum);
      }
      if (sum !== entry.crc32) throw damagedEntry(entry);
      return array;
    } catch (cause) {
      throw zipError(cause, path);
    }
  });
}

/** Streams two arrays of an uncompressed `.npz` file. See `streamArrays`. */
export async function streamNpz(path: string | URL, options: StreamNpzOptions = {}): Promise<StreamingDataset> {
  const { images: imagesName = 'x', labels: labelsName = 'y', ...rest } = options;
  const images = await openNpz(path, imagesName);
  const labels = await openNpz(path, labelsName).catch(async (error: unknown) => {
    await images.close();
    throw error;
  });
  return streamArrays(images, labels, rest);
}
