import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { openIdx, streamIdx } from './open-idx.ts';
import { openNpy, streamNpy } from './open-npy.ts';
import { openNpz, streamNpz } from './open-npz.ts';
import { readStream } from './read-stream.ts';
import { streamBatches } from './stream-batches.ts';
import { type StreamingDataset, sliceStream, streamDataset } from './streaming-dataset.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sp-stream-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function npy(dtype: string, shape: readonly number[], data: ArrayBufferView, version = 1): Uint8Array {
  const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...new TextEncoder().encode(header),
    ...bytesOf(data),
  ]);
}

function idx(type: number, shape: readonly number[], data: readonly number[]): Uint8Array {
  return Uint8Array.from([
    0,
    0,
    type,
    shape.length,
    ...shape.flatMap((size) => [0, 0, size >> 8, size & 255]),
    ...data,
  ]);
}

/** A zip file whose sizes and offsets stand in zip64 fields only, as of files above 4 GiB. */
function zip64(name: string, content: Uint8Array): Uint8Array {
  const path = new TextEncoder().encode(name);
  const u16 = (n: number): number[] => [n & 255, n >> 8];
  const u32 = (n: number): number[] => [...new Uint8Array(Uint32Array.of(n).buffer)];
  const u64 = (n: number): number[] => [...u32(n), ...u32(0)];
  const [all, none] = [u32(0xffffffff), u32(0)];
  const extra = [...u16(1), ...u16(24), ...u64(content.length), ...u64(content.length), ...u64(0)];
  const common = [...u16(45), ...u16(0), ...u16(0), ...none, ...u32(crc32(content))];
  const local = [...u32(0x04034b50), ...common, ...all, ...all, ...u16(path.length), ...u16(0), ...path, ...content];
  const lengths = [...u16(path.length), ...u16(extra.length), ...u16(0), ...u16(0), ...u16(0), ...none];
  const entry = [...u32(0x02014b50), ...u16(45), ...common, ...all, ...all, ...lengths, ...all, ...path, ...extra];
  const counts = [...u64(1), ...u64(1), ...u64(entry.length), ...u64(local.length)];
  const end64 = [...u32(0x06064b50), ...u64(44), ...u16(45), ...u16(45), ...none, ...none, ...counts];
  const locator = [...u32(0x07064b50), ...none, ...u64(local.length + entry.length), ...u32(1)];
  const end = [...u32(0x06054b50), ...u16(0), ...u16(0), ...u16(1), ...u16(1), ...all, ...all, ...u16(0)];
  return Uint8Array.from([...local, ...entry, ...end64, ...locator, ...end]);
}

const count = 23;
const pixels = Float32Array.from({ length: count * 6 }, (_, p) => p / 4);
const labels = Int32Array.from({ length: count }, (_, j) => (j * 7) % 5);
const inMemory: Dataset = { images: pixels, labels, shape: [2, 3, 1], classes: 5 };

async function collect(
  batches: AsyncIterable<Batch>,
): Promise<{ images: number[]; labels: number[]; sizes: number[] }> {
  const seen = { images: [] as number[], labels: [] as number[], sizes: [] as number[] };
  for await (const batch of batches) {
    seen.images.push(...batch.images);
    seen.labels.push(...batch.labels);
    seen.sizes.push(batch.size);
  }
  return seen;
}

describe('files read piece by piece', () => {
  const y = npy('<i8', [count], BigInt64Array.from(labels, BigInt));
  const x = npy('<f4', [count, 2, 3], pixels);

  it.each([
    ['npy', async () => streamNpy(await file('x.npy', x), await file('y.npy', y))],
    [
      'npy of version 2',
      async () => streamNpy(await file('x2.npy', npy('<f4', [count, 2, 3], pixels, 2)), await file('y.npy', y)),
    ],
    ['npz', async () => streamNpz(await file('a.npz', zipSync({ 'x.npy': x, 'y.npy': y }, { level: 0 })))],
    [
      'npz of zip64',
      async () => {
        const [images, truth] = [
          await openNpz(await file('b.npz', zip64('x.npy', x)), 'x'),
          await openNpy(await file('y.npy', y)),
        ];
        const { streamArrays } = await import('./stream-arrays.ts');
        return streamArrays(images, truth);
      },
    ],
  ])('%s gives what it holds', async (_, make) => {
    const data = await make();
    expect(data).toMatchObject({ length: count, shape: [2, 3, 1], classes: 5 });
    expect(await readStream(data)).toEqual(inMemory);
    const part = await data.read(5, 7);
    expect([...part.images]).toEqual([...pixels.subarray(30, 42)]);
    await data.close();
    await data.close();
    await expect(data.read(0, 1)).rejects.toThrow('has been closed');
  });

  it('IDX gives bytes divided by 256', async () => {
    const images = await file('i', idx(8, [3, 1, 2], [0, 64, 128, 192, 255, 1]));
    const data = await streamIdx(images, await file('l', idx(8, [3], [2, 0, 1])), { classes: 10 });
    expect(await readStream(data, 1)).toEqual({
      images: Float32Array.of(0.5, 0.75, 255 / 256, 1 / 256),
      labels: Int32Array.of(0, 1),
      shape: [1, 2, 1],
      classes: 10,
    });
    await data.close();
  });

  it('one-hot labels and channels', async () => {
    const oneHot = Float32Array.from({ length: count * 5 }, (_, p) => (p % 5 === labels[Math.floor(p / 5)] ? 1 : 0));
    const data = await streamNpy(
      await file('xc.npy', npy('<f4', [count, 1, 2, 3], pixels)),
      await file('yh.npy', npy('<f4', [count, 5], oneHot)),
    );
    expect(await readStream(data)).toEqual({ ...inMemory, shape: [1, 2, 3] });
    await data.close();
  });

  it('a file far larger than what is read', async () => {
    // A sparse file: 4 GiB + 1 image that take no room on the disk.
    const path = join(directory, 'huge.npy');
    const rows = 2 ** 32 / 64 + 1;
    const header = npy('<f4', [rows, 4, 4], new Uint8Array(0));
    const handle = await open(path, 'w');
    await handle.write(header);
    await handle.truncate(header.length + rows * 64);
    await handle.write(bytesOf(Float32Array.of(7)), 0, 4, header.length + (rows - 1) * 64);
    await handle.close();
    const array = await openNpy(path);
    expect(((await array.read(rows - 1, rows)) as Float32Array)[0]).toBe(7);
    await array.close();
  });

  it.each([
    ['a missing file', () => openNpy(join(directory, 'none')), 'file: cannot be opened'],
    ['a directory', () => openNpy(directory), 'file: '],
    ['wrong magic', async () => openNpy(await file('m', new Uint8Array(50))), 'array: not a NumPy array'],
    ['nothing', async () => openNpy(await file('e', new Uint8Array(0))), 'array: not a NumPy array'],
    ['a cut header', async () => openNpy(await file('h', x.subarray(0, 40))), 'the header is cut short'],
    ['cut data', async () => openNpy(await file('d', x.subarray(0, x.length - 1))), 'needs 552; get the file again'],
    ['strings', async () => openNpy(await file('s', npy('<U5', [1], new Uint8Array(20)))), 'element type <U5'],
    ['gzipped IDX', async () => openIdx(await file('z', gzipSync(idx(8, [1], [1])))), 'unpack it first'],
    ['wrong IDX', async () => openIdx(await file('w', Uint8Array.of(1, 2, 3, 4))), "starts with '01 02 03 04'"],
    ['cut IDX', async () => openIdx(await file('c', idx(8, [5], [1]))), '1 bytes, but shape [5] of uint8 needs 5'],
    ['no zip', async () => openNpz(await file('n', x), 'x'), 'not a zip file'],
    [
      'a cut zip',
      async () => openNpz(await file('u', zipSync({ 'x.npy': x }, { level: 0 }).subarray(0, 300)), 'x'),
      'damaged',
    ],
    ['a compressed array', async () => openNpz(await file('p', zipSync({ 'x.npy': x })), 'x'), 'not savez_compressed'],
    [
      'another array',
      async () => openNpz(await file('o', zipSync({ 'x.npy': x })), 'y'),
      "missing (the file holds 'x')",
    ],
    [
      'flat images',
      async () => streamNpy(await file('y1', y), await file('y2', y)),
      'images: shape [23], expected [count',
    ],
    [
      'no images',
      async () => streamNpy(await file('x0', npy('<f4', [0, 1, 1], new Uint8Array(0))), await file('y2', y)),
      'no images',
    ],
    [
      'too few labels',
      async () => streamNpy(await file('x1', x), await file('y3', npy('|u1', [1], Uint8Array.of(0)))),
      'expected [23]',
    ],
    [
      'fractional labels',
      async () =>
        streamNpy(await file('x1', x), await file('y4', npy('<f4', [count], new Float32Array(count).fill(1.5)))),
      'label 1.5',
    ],
  ])('refuses %s', async (_, make, message) => {
    await expect(make()).rejects.toThrow(message);
    await expect(make()).rejects.toThrow(directory);
  });

  it('refuses bad values when their piece is read, with its place', async () => {
    const bad = pixels.slice();
    bad[10 * 6 + 4] = Number.NaN;
    const wrong = labels.slice();
    wrong[20] = -1;
    const data = await streamNpy(
      await file('nan', npy('<f4', [count, 2, 3], bad)),
      await file('neg', npy('<i4', [count], wrong)),
      { classes: 5 },
    );
    expect((await data.read(0, 8)).size).toBe(8);
    await expect(data.read(8, 16)).rejects.toThrow(
      'images 8 … 15 counted from 8: images: image 2, row 1, column 1, channel 0 is NaN',
    );
    await expect(data.read(16, 23)).rejects.toThrow('label -1 of image 4');
    await expect(data.read(20, 24)).rejects.toThrow('no rows 20 … 23 among 23');
    await data.close();
  });
});

describe('streamBatches', () => {
  const data = streamDataset(inMemory);

  it('goes in order without shuffle', async () => {
    expect(await collect(streamBatches(data, 10))).toEqual({
      images: [...pixels],
      labels: [...labels],
      sizes: [10, 10, 3],
    });
  });

  it.each([
    [4, 100, 7],
    [4, 8, 3],
    [5, 1, 1],
    [30, 8, 128],
  ])('mixes every image once: batches of %d, buffer %d, blocks %d', async (batchSize, buffer, block) => {
    const shuffle = { seed: 3, epoch: 1, buffer, block };
    const seen = await collect(streamBatches(data, batchSize, shuffle));
    const order = Array.from({ length: count }, (_, j) => (seen.images[6 * j] * 4) / 6);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, j) => j));
    expect(seen.images).toEqual(order.flatMap((j) => [...pixels.subarray(6 * j, 6 * j + 6)]));
    expect(seen.labels).toEqual(order.map((j) => labels[j]));
    expect(seen.sizes.slice(0, -1).every((size) => size === batchSize)).toBe(true);
    expect(await collect(streamBatches(data, batchSize, shuffle))).toEqual(seen);
    expect((await collect(streamBatches(data, batchSize, { ...shuffle, epoch: 2 }))).labels).not.toEqual(seen.labels);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });

  it('never reads more than the buffer and one piece ahead', async () => {
    let held = 0;
    const spy: StreamingDataset = {
      ...data,
      read(start, end) {
        held += end - start;
        return data.read(start, end);
      },
    };
    for await (const _ of streamBatches(spy, 2, { seed: 0, buffer: 6, block: 2 })) {
      expect(held).toBeLessThanOrEqual(12);
      break;
    }
  });

  it('holds fewer images when they are large', async () => {
    // 1 MiB each: 4 images in the buffer, so pieces of 4.
    const asked: number[] = [];
    const large: StreamingDataset = {
      name: 'large',
      length: 12,
      shape: [512, 512, 4],
      classes: 2,
      read: async (start, end) => {
        asked.push(end - start);
        return {
          size: end - start,
          images: new Float32Array((end - start) * 2 ** 20),
          labels: new Int32Array(end - start),
        };
      },
      close: async () => {},
    };
    let images = 0;
    for await (const { size } of streamBatches(large, 3, { seed: 1 })) images += size;
    expect([images, asked]).toEqual([12, [4, 4, 4]]);
  });

  it('throws what reading throws, when it is due', async () => {
    const failing = {
      ...data,
      read: async (start: number, end: number): Promise<Batch> => {
        if (start >= 10) throw new Error('broken disk');
        return data.read(start, end);
      },
    };
    const sizes: number[] = [];
    const walk = async (): Promise<void> => {
      for await (const { size } of streamBatches(failing, 5)) sizes.push(size);
    };
    await expect(walk()).rejects.toThrow('broken disk');
    expect(sizes).toEqual([5, 5]);
  });

  it.each<[string, (batch: Batch) => Partial<Batch>, string]>([
    ['fewer images', ({ size }) => ({ size: size - 1 }), 'own: images 10 … 19: read gave 9 images instead of 10'],
    [
      'other pixels',
      ({ images }) => ({ images: images.subarray(6) }),
      'read gave 54 numbers as images, but 10 images need 60',
    ],
    ['more labels', () => ({ labels: new Int32Array(11) }), 'read gave 11 numbers as labels, but 10'],
    [
      'a label that is no class',
      ({ labels }) => ({ labels: labels.map((label, j) => (j === 3 ? 5 : label)) }),
      'own: images 10 … 19: label 5 of image 13 is not in 0 … 4',
    ],
  ])('refuses %s, and so does readStream', async (_, change, message) => {
    const own: StreamingDataset = {
      ...data,
      name: 'own',
      async read(start, end) {
        const batch = await data.read(start, end);
        return start === 10 ? { ...batch, ...change(batch) } : batch;
      },
    };
    await expect(collect(streamBatches(own, 10))).rejects.toThrow(message);
    await expect(collect(streamBatches(own, 4, { seed: 1, block: 10 }))).rejects.toThrow(message);
    await expect(readStream(own, 10, 20)).rejects.toThrow(message);
  });

  it('refuses senseless sizes', async () => {
    await expect(collect(streamBatches(data, 0))).rejects.toThrow('batchSize 0');
    await expect(collect(streamBatches(data, 1, { seed: 0, buffer: 0.5 }))).rejects.toThrow('buffer 0.5');
  });
});

describe('sliceStream', () => {
  it('is a part with its own numbers', async () => {
    const part = sliceStream(streamDataset(inMemory), 10, 15);
    expect(part.length).toBe(5);
    expect([...(await readStream(part)).labels]).toEqual([...labels.subarray(10, 15)]);
    await expect(part.read(4, 6)).rejects.toThrow('no rows 4 … 5 among 5');
    expect(() => sliceStream(part, 2, 2)).toThrow('no image');
    expect(() => sliceStream(part, 2, 6)).toThrow('no rows 2 … 5');
  });
});
