import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamHdf5 } from '../hdf5/stream-hdf5.ts';
import { streamIdx } from '../stream/open-idx.ts';
import { streamNpy } from '../stream/open-npy.ts';
import { streamNpz } from '../stream/open-npz.ts';
import { readStream } from '../stream/read-stream.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { DataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { loadCsv } from './load-csv.ts';
import { loadMnistIdx } from './load-mnist-idx.ts';
import { loadNpz } from './load-npz.ts';

/** Two images of 1 × 2 pixels; the second pixel of the second image may be bad. */
const pixels = (last: number): Float32Array => Float32Array.of(0.5, 0.25, 0, last);

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function npy(dtype: string, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const header = new TextEncoder().encode(
    `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`,
  );
  const magic = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length & 255, header.length >> 8];
  return Uint8Array.from([...magic, ...header, ...bytesOf(data)]);
}

function idx(type: number, shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([0, 0, type, shape.length, ...shape.flatMap((size) => [0, 0, 0, size]), ...Array.from(data)]);
}

const npyOf = (last: number): Uint8Array => npy('<f4', [2, 1, 2], pixels(last));
const idxOf = (last: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(16));
  for (const [index, pixel] of pixels(last).entries()) view.setFloat32(4 * index, pixel);
  return idx(13, [2, 1, 2], bytesOf(view));
};
const bytesIdx = idx(8, [2, 1, 2], [1, 2, 3, 4]);
const texts = npy('<U1', [2, 1, 2], new Uint8Array(16));
const npyLabels = npy('|u1', [2], Uint8Array.of(0, 1));
const idxLabels = idx(8, [2], [0, 1]);
const stored = (x: Uint8Array): Uint8Array => zipSync({ 'x.npy': x, 'y.npy': npyLabels }, { level: 0 });
const packed = (x: Uint8Array): Uint8Array => zipSync({ 'x.npy': x, 'y.npy': npyLabels });
const cut = (bytes: Uint8Array, by = 3): Uint8Array => bytes.subarray(0, bytes.length - by);
const noise = Uint8Array.of(7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

let directory: string;
beforeAll(async () => {
  await ready;
  directory = await mkdtemp(join(tmpdir(), 'sp-malformed-'));
});
afterAll(() => rm(directory, { recursive: true }));

const put = async (name: string, bytes: Uint8Array): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
};

/** Reads all of a stream and closes it, whatever happens. */
async function readAndClose(data: StreamingDataset): Promise<Dataset> {
  try {
    return await readStream(data);
  } finally {
    await data.close();
  }
}

/** Every way to read data from a file, given the content of the file of images. */
const loaders: Readonly<Record<string, (images: Uint8Array) => Promise<unknown>>> = {
  streamIdx: async (images) =>
    readAndClose(await streamIdx(await put('images', images), await put('labels', idxLabels))),
  loadMnistIdx: async (images) => {
    for (const part of ['train', 't10k']) await put(`${part}-labels-idx1-ubyte`, idxLabels);
    for (const part of ['train', 't10k']) await put(`${part}-images-idx3-ubyte`, images);
    return loadMnistIdx(directory, { note: () => {} });
  },
  'loadMnistIdx of .gz': async (images) => {
    for (const part of ['train', 't10k']) await put(`${part}-labels-idx1-ubyte`, idxLabels);
    for (const part of ['train', 't10k']) await rm(join(directory, `${part}-images-idx3-ubyte`), { force: true });
    for (const part of ['train', 't10k']) await put(`${part}-images-idx3-ubyte.gz`, images);
    return loadMnistIdx(directory, { note: () => {} });
  },
  streamNpy: async (images) => readAndClose(await streamNpy(await put('x.npy', images), await put('y.npy', npyLabels))),
  streamNpz: async (images) => readAndClose(await streamNpz(await put('stored.npz', images))),
  loadNpz: async (images) => loadNpz(await put('packed.npz', images), { note: () => {} }),
  streamHdf5: async (images) => readAndClose(await streamHdf5(await put('data.h5', images))),
  loadCsv: async (images) => loadCsv(await put('data.csv', images), { shape: [1, 2, 1], classes: 2 }),
  'loadCsv of .gz': async (images) => loadCsv(await put('data.csv.gz', images), { shape: [1, 2, 1], classes: 2 }),
};

/** Content of an HDF5 file of images and labels. */
async function hdf5(data: Float32Array | string[], dtype?: string): Promise<Uint8Array> {
  const path = join(directory, 'made.h5');
  const file = new File(path, 'w');
  const shape = typeof data[0] === 'string' ? [data.length] : [2, 1, 2];
  file.create_dataset({ name: 'x', data, shape, ...(dtype === undefined ? {} : { dtype }) });
  file.create_dataset({ name: 'y', data: Uint8Array.of(0, 1), shape: [2], dtype: '<B' });
  file.close();
  const { readFile } = await import('node:fs/promises');
  return readFile(path);
}

describe('files that are as they should be', () => {
  it.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ['streamIdx', () => idxOf(1)],
    ['loadMnistIdx', () => bytesIdx],
    ['loadMnistIdx of .gz', () => gzipSync(bytesIdx)],
    ['streamNpy', () => npyOf(1)],
    ['streamNpz', () => stored(npyOf(1))],
    ['loadNpz', () => packed(npyOf(1))],
    ['streamHdf5', () => hdf5(pixels(1), '<f')],
    ['loadCsv', () => text('0.5,0.25,0\n0,1,1\n')],
    ['loadCsv of .gz', () => gzipSync(text('0.5,0.25,0\n0,1,1\n'))],
  ])('%s reads', async (loader, make) => {
    await expect(loaders[loader](await make())).resolves.toBeDefined();
  });
});

describe('malformed files', () => {
  it.each<[string, string, () => Uint8Array | Promise<Uint8Array>, string]>([
    [
      'streamIdx',
      'cut short',
      () => cut(idxOf(1)),
      'images: images: 13 bytes, but shape [2, 1, 2] of float32 needs 16',
    ],
    ['streamIdx', 'of wrong magic', () => noise, "images: magic number: starts with '07 07 07 07'"],
    ['streamIdx', 'of no known type', () => idx(7, [1], [0]), 'images: magic number: unknown element type 0x7'],
    ['streamIdx', 'with NaN', () => idxOf(Number.NaN), 'image 1, row 0, column 1, channel 0 is NaN'],
    ['loadMnistIdx', 'cut short', () => cut(bytesIdx), 'ubyte: data: 1 bytes, but 2 × 1 × 2 elements of uint8 need 4'],
    ['loadMnistIdx', 'of wrong magic', () => noise, "ubyte: magic number: starts with '07 07 07 07'"],
    ['loadMnistIdx', 'of another type', () => idxOf(1), 'ubyte: element type: not unsigned bytes'],
    ['loadMnistIdx of .gz', 'cut short', () => cut(gzipSync(bytesIdx), 12), '.gz: gzip data: cannot be unpacked'],
    ['loadMnistIdx of .gz', 'with cut content', () => gzipSync(cut(bytesIdx)), '.gz: data: 1 bytes, but 2 × 1 × 2'],
    ['loadMnistIdx of .gz', 'not gzipped', () => bytesIdx, '.gz: gzip data: cannot be unpacked'],
    ['loadMnistIdx of .gz', 'of wrong magic inside', () => gzipSync(noise), ".gz: magic number: starts with '07"],
    ['loadMnistIdx of .gz', 'of another type', () => gzipSync(idxOf(1)), '.gz: element type: not unsigned bytes'],
    ['streamNpy', 'cut short', () => cut(npyOf(1)), 'x.npy: images: 13 bytes, but shape [2, 1, 2] of float32 needs 16'],
    ['streamNpy', 'of wrong magic', () => noise, 'x.npy: images: not a NumPy array'],
    ['streamNpy', 'of strings', () => texts, 'x.npy: images: element type <U1 is not a number type'],
    ['streamNpy', 'with NaN', () => npyOf(Number.NaN), 'image 1, row 0, column 1, channel 0 is NaN'],
    ['streamNpy', 'with ∞', () => npyOf(Number.POSITIVE_INFINITY), 'column 1, channel 0 is Infinity'],
    ['streamNpz', 'cut short', () => cut(stored(npyOf(1)), 30), 'stored.npz: zip data: damaged or cut short'],
    ['streamNpz', 'of wrong magic', () => noise, 'stored.npz: magic number: not a zip file'],
    ['streamNpz', 'with a cut array', () => stored(cut(npyOf(1))), "stored.npz: array 'x': 13 bytes, but shape"],
    ['streamNpz', 'with no array inside', () => stored(noise), "stored.npz: array 'x': not a NumPy array"],
    ['streamNpz', 'of strings', () => stored(texts), "stored.npz: array 'x': element type <U1"],
    ['streamNpz', 'with NaN', () => stored(npyOf(Number.NaN)), 'image 1, row 0, column 1, channel 0 is NaN'],
    ['loadNpz', 'cut short', () => cut(packed(npyOf(1)), 30), 'packed.npz: zip data: damaged or cut short'],
    ['loadNpz', 'of wrong magic', () => noise, 'packed.npz: magic number: not a zip file'],
    ['loadNpz', 'with no array inside', () => packed(noise), "packed.npz: array 'x': not a NumPy array"],
    ['loadNpz', 'of strings', () => packed(texts), "packed.npz: array 'x': element type <U1"],
    ['loadNpz', 'with NaN', () => packed(npyOf(Number.NaN)), 'image 1, row 0, column 1, channel 0 is NaN'],
    ['streamHdf5', 'cut short', async () => cut(await hdf5(pixels(1), '<f'), 50), 'data.h5: file: cut short'],
    ['streamHdf5', 'of wrong magic', () => noise, 'data.h5: magic number: not an HDF5 file'],
    ['streamHdf5', 'of strings', () => hdf5(['a', 'b']), "data.h5: dataset 'x': element type S is not a number type"],
    ['streamHdf5', 'with NaN', () => hdf5(pixels(Number.NaN), '<f'), 'image 1, row 0, column 1, channel 0 is NaN'],
    [
      'loadCsv',
      'cut short',
      () => text('0.5,0.25,0\n0,1'),
      'data.csv: line 2: 2 values, expected 2 pixels and 1 label',
    ],
    ['loadCsv', 'that is binary', () => Uint8Array.of(0xff, 0xfe, 1), 'data.csv: text: is not UTF-8 text'],
    ['loadCsv', 'of words', () => text('a,b,0\n'), "data.csv: line 1: 'a' is not a finite number"],
    ['loadCsv', 'with NaN', () => text('0.5,0.25,0\n0,NaN,1\n'), "data.csv: line 2: 'NaN' is not a finite number"],
    ['loadCsv of .gz', 'cut short', () => cut(gzipSync(text('1,2,0\n'.repeat(99))), 12), 'data.csv.gz: gzip data'],
  ])('%s refuses a file %s', async (loader, _, make, message) => {
    const failure = await loaders[loader](await make()).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(DataError);
    expect((failure as DataError).message).toContain(message);
    expect((failure as DataError).message).toContain(directory);
  });
});
