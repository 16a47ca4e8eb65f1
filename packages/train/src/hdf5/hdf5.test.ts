import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStream } from '../stream/streaming-dataset.ts';
import { openHdf5 } from './open-hdf5.ts';
import { streamHdf5 } from './stream-hdf5.ts';

const images = Float32Array.from({ length: 40 * 6 }, (_, p) => p / 8);
const labels = Uint8Array.from({ length: 40 }, (_, j) => j % 3);

let directory: string;
let path: string;
beforeAll(async () => {
  await ready;
  directory = await mkdtemp(join(tmpdir(), 'sp-hdf5-'));
  path = join(directory, 'data.h5');
  const file = new File(path, 'w');
  file.create_dataset({ name: 'x', data: images, shape: [40, 2, 3], dtype: '<f', chunks: [7, 2, 3], compression: 4 });
  file.create_dataset({ name: 'y', data: labels, shape: [40], dtype: '<B' });
  file.create_dataset({ name: 'words', data: ['a', 'b'] });
  file.create_dataset({ name: 'single', data: 3 });
  file
    .create_group('train')
    .create_dataset({ name: 'y', data: BigInt64Array.from(labels, BigInt), shape: [40], dtype: '<q' });
  file.close();
});
afterAll(() => rm(directory, { recursive: true }));

describe('streamHdf5', () => {
  it('reads packed chunks piece by piece, across their borders', async () => {
    for (const from of ['y', 'train/y']) {
      const data = await streamHdf5(path, { labels: from });
      expect(data).toMatchObject({ length: 40, shape: [2, 3, 1], classes: 3 });
      const part = await data.read(5, 16);
      expect([...part.images]).toEqual([...images.subarray(30, 96)]);
      expect(await readStream(data)).toEqual({ images, labels: Int32Array.from(labels), shape: [2, 3, 1], classes: 3 });
      await data.close();
      await data.close();
      await expect(data.read(0, 1)).rejects.toThrow('has been closed');
    }
  });

  it.each([
    ['a missing dataset', 'z', "dataset 'z': missing (the file holds 'single', 'train/y', 'words', 'x', 'y')"],
    ['a group', 'train', "dataset 'train': is no dataset"],
    ['strings', 'words', "dataset 'words': element type S is not a number type"],
    ['a scalar', 'single', "dataset 'single': is a single value"],
  ])('refuses %s', async (_, name, message) => {
    await expect(openHdf5(path, name)).rejects.toThrow(`${path}: ${message}`);
  });

  it('refuses what is no HDF5 file, or cut short, before the library sees it', async () => {
    const bytes = await readFile(path);
    const cut = join(directory, 'cut.h5');
    await writeFile(cut, bytes.subarray(0, bytes.length - 100));
    await expect(openHdf5(cut, 'x')).rejects.toThrow(`cut short: ${bytes.length - 100} bytes of ${bytes.length}`);
    await writeFile(cut, 'hello');
    await expect(openHdf5(cut, 'x')).rejects.toThrow('not an HDF5 file');
    await expect(openHdf5(join(directory, 'none.h5'), 'x')).rejects.toThrow('cannot be opened');
  });
});
