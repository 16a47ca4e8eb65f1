import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStream } from '../stream/read-stream.ts';
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

  it('reads on with another instance of the library when one has failed from within', async () => {
    const library = (await ready) as unknown as { get_dataset_data: unknown };
    const { get_dataset_data: real } = library;
    // A copy of its own: the instance that fails here is for no one else.
    const copy = './open-hdf5.ts?that-fails';
    const { openHdf5: open } = (await import(/* @vite-ignore */ copy)) as typeof import('./open-hdf5.ts');
    const [sound, other] = [await open(path, 'x'), await open(path, 'y')];
    try {
      library.get_dataset_data = () => {
        throw new WebAssembly.RuntimeError('memory access out of bounds');
      };
      await expect(other.read(0, 1)).rejects.toThrow("dataset 'y': damaged (memory access out of bounds)");
      // What was open already goes on as well, and whatever is opened now.
      expect([...(await sound.read(0, 1))]).toEqual([...images.subarray(0, 6)]);
      const [first, second] = await Promise.all([other.read(0, 2), other.read(1, 3)]);
      expect([...first, ...second]).toEqual([0, 1, 1, 2]);
      const later = await open(path, 'train/y');
      expect(Number((await later.read(2, 3))[0])).toBe(2);
      await Promise.all([sound, other, later].map((reader) => reader.close()));
    } finally {
      library.get_dataset_data = real;
    }
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
