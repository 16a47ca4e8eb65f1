import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError } from './data-error.ts';
import { loadMnistIdx } from './load-mnist-idx.ts';
import { loadNpz } from './load-npz.ts';
import { parseCsv } from './parse-csv.ts';
import { parseIdx } from './parse-idx.ts';
import { parseNpy } from './parse-npy.ts';
import { parseNpz } from './parse-npz.ts';
import { readBytes } from './read-bytes.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sp-data-'));
});
afterAll(() => rm(directory, { recursive: true }));

function npy(dtype: string, shape: readonly number[], data: ArrayBufferView, order = 'False'): Uint8Array {
  const header = `{'descr': '${dtype}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`;
  const start = new Uint8Array([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  return Uint8Array.from([
    ...start,
    ...new TextEncoder().encode(header),
    ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
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

describe('parseIdx', () => {
  it('reads bytes and big-endian numbers', () => {
    expect(parseIdx(idx(8, [2, 2], [1, 2, 3, 255]), 'f')).toEqual({ shape: [2, 2], data: Uint8Array.of(1, 2, 3, 255) });
    expect(parseIdx(idx(11, [2], [1, 0, 255, 254]), 'f').data).toEqual(Int16Array.of(256, -2));
    expect(parseIdx(idx(13, [1], [0x3f, 0x80, 0, 0]), 'f').data).toEqual(Float32Array.of(1));
  });

  it.each([
    ['wrong magic', Uint8Array.of(1, 2, 3, 4), "f: magic number: starts with '01 02 03 04'"],
    ['unknown type', idx(7, [1], [0]), 'unknown element type 0x7'],
    ['cut header', idx(8, [2, 2], []).subarray(0, 9), 'header of 2 dimensions is incomplete'],
    ['cut data', idx(8, [2, 2], [1, 2, 3]), '3 bytes, but 2 × 2 elements of uint8 need 4'],
    ['data too long', idx(8, [2], [1, 2, 3]), '3 bytes, but 2 elements'],
    ['nothing', new Uint8Array(0), 'magic number'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'f')).toThrow(DataError);
    expect(() => parseIdx(bytes, 'f')).toThrow(message);
  });
});

describe('parseNpy', () => {
  it('reads either byte order', () => {
    expect(parseNpy(npy('<f4', [2, 1], Float32Array.of(1.5, -2)), 'f')).toEqual({
      shape: [2, 1],
      data: Float32Array.of(1.5, -2),
    });
    expect(parseNpy(npy('>i2', [2], Uint8Array.of(1, 0, 255, 254)), 'f').data).toEqual(Int16Array.of(256, -2));
    expect(parseNpy(npy('<i8', [1], BigInt64Array.of(-3n)), 'f').data).toEqual(BigInt64Array.of(-3n));
  });

  it.each([
    ['wrong magic', new Uint8Array(20), 'not a NumPy array'],
    ['objects', npy('|O', [1], Uint8Array.of(1)), 'element type |O'],
    ['strings', npy('<U5', [1], new Uint8Array(20)), 'element type <U5'],
    ['Fortran order', npy('<f4', [1], Float32Array.of(1), 'True'), 'Fortran order'],
    ['cut data', npy('<f4', [3], Float32Array.of(1)), '4 bytes, but shape (3) of float32 needs 12'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes, 'f', "array 'x'")).toThrow(message);
    expect(() => parseNpy(bytes, 'f', "array 'x'")).toThrow("f: array 'x':");
  });
});

describe('parseNpz', () => {
  const file = zipSync({ 'x.npy': npy('<f4', [1], Float32Array.of(4)), 'y.npy': npy('|u1', [1], Uint8Array.of(1)) });

  it('reads the arrays by name, or only the wanted ones', () => {
    expect([...parseNpz(file, 'f').keys()]).toEqual(['x', 'y']);
    expect([...parseNpz(file, 'f', ['y']).keys()]).toEqual(['y']);
  });

  it('refuses what is no zip or cut short', () => {
    expect(() => parseNpz(Uint8Array.of(1, 2, 3), 'f')).toThrow('f: magic number: not a zip file');
    expect(() => parseNpz(file.subarray(0, file.length - 30), 'f')).toThrow('f: zip data: damaged');
  });
});

describe('parseCsv', () => {
  const options = { shape: [1, 2, 1], classes: 3 } as const;

  it('reads lines with the label at either end', () => {
    expect(parseCsv('0.5,1,2\r\n3,4,0\n', options, 'f')).toMatchObject({
      images: Float32Array.of(0.5, 1, 3, 4),
      labels: Int32Array.of(2, 0),
    });
    expect(parseCsv('label,a,b\n2,0.5,1', { ...options, label: 'first', headerLines: 1 }, 'f').labels).toEqual(
      Int32Array.of(2),
    );
  });

  it.each([
    ['1,2,0\n1,2', 'f: line 2: 2 values, expected 2 pixels and 1 label'],
    ['1,x,0', "f: line 1: 'x' is not a finite number"],
    ['1,,0', "f: line 1: '' is not a finite number"],
    ['1,2,0.5', 'f: line 1: label 0.5'],
    ['1,2,3', 'f: line 1: label 3 is not in 0 … 2; number the classes from 0'],
    ['1,2,1\n1,2,4294967296', 'f: line 2: label 4294967296 is not in 0 … 2'],
    ['', 'f: labels: no images'],
  ])('refuses %j', (text, message) => {
    expect(() => parseCsv(text, options, 'f')).toThrow(message);
  });
});

describe('readBytes', () => {
  it('unpacks .gz and names a missing or damaged file', async () => {
    const path = join(directory, 'a.gz');
    await writeFile(path, gzipSync(Uint8Array.of(1, 2, 3)));
    expect([...(await readBytes(path))]).toEqual([1, 2, 3]);
    await writeFile(path, gzipSync(new Uint8Array(1000)).subarray(0, 20));
    await expect(readBytes(path)).rejects.toThrow(`${path}: gzip data: cannot be unpacked`);
    await expect(readBytes(join(directory, 'none'))).rejects.toThrow('no such file');
    await expect(readBytes(directory)).rejects.toThrow('is a directory');
  });
});

const quiet = { note: () => {} };

describe('loadNpz', () => {
  it('takes booleans as 0 and 1', async () => {
    const path = join(directory, 'bool.npz');
    const x = npy('|b1', [2, 1, 3], Uint8Array.of(1, 0, 1, 0, 1, 0));
    await writeFile(path, zipSync({ 'x.npy': x, 'y.npy': npy('|b1', [2], Uint8Array.of(0, 1)) }));
    const { train, test } = await loadNpz(path, quiet);
    const parts = [test, train].sort((a, b) => a.labels[0] - b.labels[0]);
    expect(parts.flatMap(({ images }) => [...images])).toEqual([1, 0, 1, 0, 1, 0]);
    expect(parts.flatMap(({ labels }) => [...labels])).toEqual([0, 1]);
  });

  const write = async (arrays: Record<string, Uint8Array>): Promise<string> => {
    const path = join(directory, 'data.npz');
    await writeFile(
      path,
      zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]))),
    );
    return path;
  };
  const x = npy(
    '<f4',
    [5, 2, 2],
    Float32Array.from({ length: 20 }, (_, p) => p / 4),
  );
  const y = npy('<i8', [5], BigInt64Array.of(0n, 1n, 2n, 1n, 0n));

  it('splits x and y by class, and takes given parts as they are', async () => {
    const { train, test } = await loadNpz(await write({ x, y }), quiet);
    expect([train.labels.length, test.labels.length, train.shape, train.classes]).toEqual([3, 2, [2, 2, 1], 3]);
    expect([...test.labels].sort()).toEqual([0, 1]);
    const oneHot = npy('<f4', [5, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0));
    const parts = await loadNpz(await write({ x_train: x, y_train: oneHot, x_test: x, y_test: y }));
    expect([...parts.train.labels]).toEqual([0, 1, 2, 1, 0]);
  });

  it('divides bytes by 256', async () => {
    const bytes = npy('|u1', [5, 1, 1], Uint8Array.of(0, 64, 128, 192, 255));
    const { train, test } = await loadNpz(await write({ x: bytes, y }), quiet);
    expect([...train.images, ...test.images].sort()).toEqual([0, 0.25, 0.5, 0.75, 255 / 256]);
  });

  it.each([
    ['a missing array', { x }, "array 'y': missing (the file holds 'x')"],
    ['two sets of arrays', { x, y, x_train: x }, "array 'x': the file holds 'x_train' too"],
    ['no known array', { a: x }, "array 'x_train': missing (the file holds 'a')"],
    [
      'flat images',
      { x: npy('<f4', [5, 4], new Float32Array(20)), y },
      "array 'x': shape [5, 4], expected [count, height, width]",
    ],
    ['too few labels', { x, y: npy('<i8', [4], new BigInt64Array(4)) }, "array 'y': shape [4], expected [5]"],
    [
      'fractional labels',
      { x, y: npy('<f4', [5], Float32Array.of(0, 1, 0.5, 0, 0)) },
      "array 'y': label 0.5 of image 2",
    ],
    [
      'NaN in the test part',
      { x_train: x, y_train: y, x_test: npy('<f4', [5, 2, 2], new Float32Array(20).fill(Number.NaN)), y_test: y },
      "array 'x_test': image 0, row 0",
    ],
    [
      'labels that are not one-hot',
      { x, y: npy('<f4', [5, 2], new Float32Array(10)) },
      "array 'y': row 0 is not one-hot",
    ],
    [
      'NaN',
      { x: npy('<f4', [5, 2, 2], new Float32Array(20).fill(Number.NaN)), y },
      'row 0, column 0, channel 0 is NaN',
    ],
    [
      'unequal sizes',
      { x_train: x, y_train: y, x_test: npy('<f4', [5, 4, 1], new Float32Array(20)), y_test: y },
      "array 'x_test': images of 4 × 1 × 1",
    ],
  ])('refuses %s', async (_, arrays, message) => {
    await expect(loadNpz(await write(arrays))).rejects.toThrow(message);
  });
});

describe('loadNpz', () => {
  it('takes arrays of other names, and says which there are', async () => {
    const x = npy('<f4', [4, 1, 1], Float32Array.of(0, 1, 2, 3));
    const y = npy('|u1', [4], Uint8Array.of(0, 1, 0, 1));
    const path = join(directory, 'named.npz');
    await writeFile(path, zipSync({ 'pixels.npy': x, 'truth.npy': y }));
    const { train, test } = await loadNpz(path, { images: 'pixels', labels: 'truth' });
    expect([train.labels.length, test.labels.length, train.classes]).toEqual([2, 2, 2]);
    await expect(loadNpz(path)).rejects.toThrow('or name them: images and labels');
    await expect(loadNpz(path, { images: 'pixels' })).rejects.toThrow('labels: missing, as images is given');
    await expect(loadNpz(path, { images: 'pixels', labels: 'y' })).rejects.toThrow(
      "array 'y': missing (the file holds 'pixels', 'truth')",
    );
  });
});

describe('loadMnistIdx', () => {
  it('finds plain, gzipped and dotted names, and names a missing file', async () => {
    const images = idx(8, [2, 1, 2], [0, 128, 255, 64]);
    await expect(loadMnistIdx(directory)).rejects.toThrow('train-images-idx3-ubyte: no such file');
    await writeFile(join(directory, 'train-images-idx3-ubyte'), images);
    await writeFile(join(directory, 'train-labels.idx1-ubyte'), idx(8, [2], [7, 1]));
    await writeFile(join(directory, 't10k-images-idx3-ubyte.gz'), gzipSync(images));
    await writeFile(join(directory, 't10k-labels-idx1-ubyte'), idx(8, [2], [1, 1]));
    const notes: string[] = [];
    const note = (line: string): void => void notes.push(line);
    const { train, test } = await loadMnistIdx(directory, { note });
    expect(notes).toEqual([
      `${directory}: class 7 occurs in the training part only, so no test tells how well it is found; give more images of it`,
      expect.stringMatching(/classes 0, 2, 3, 4, 5, 6, 8, 9 occur in no part/),
    ]);
    const named = await loadMnistIdx(directory, { labelIds: [1, 7], note });
    expect([named.train.classes, [...named.train.labels], [...named.test.labels]]).toEqual([2, [1, 0], [0, 0]]);
    await expect(loadMnistIdx(directory, { classes: 5, note })).rejects.toThrow('label 7');
    expect([train.shape, train.classes, [...train.labels], [...test.images]]).toEqual([
      [1, 2, 1],
      10,
      [7, 1],
      [0, 0.5, 255 / 256, 0.25],
    ]);
    await writeFile(join(directory, 't10k-labels-idx1-ubyte'), idx(8, [1], [1]));
    await expect(loadMnistIdx(directory)).rejects.toThrow('shape [1], expected [2]');
  });
});
