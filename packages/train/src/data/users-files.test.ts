import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { zipSync } from 'fflate';
import { File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadHdf5 } from '../hdf5/load-hdf5.ts';
import { openHdf5 } from '../hdf5/open-hdf5.ts';
import { streamHdf5 } from '../hdf5/stream-hdf5.ts';
import { openNpz, streamNpz } from '../stream/open-npz.ts';
import { readStream } from '../stream/read-stream.ts';
import { classCoverage } from './class-coverage.ts';
import { DataError } from './data-error.ts';
import { checkDataset, type Dataset } from './dataset.ts';
import { datasetFromArrays } from './dataset-from-arrays.ts';
import { loadCsv } from './load-csv.ts';
import { loadMnistIdx } from './load-mnist-idx.ts';
import { loadNpz } from './load-npz.ts';
import { type CsvOptions, parseCsv } from './parse-csv.ts';
import { parseNpy } from './parse-npy.ts';
import { parseNpz } from './parse-npz.ts';
import { readBytes } from './read-bytes.ts';
import { splitDataset } from './split-dataset.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/cases/${name}`, import.meta.url));

let directory: string;
let notes: string[];
const note = (text: string): void => void notes.push(text.replace(/^.*?: /, ''));
beforeAll(async () => {
  await ready;
  directory = await mkdtemp(join(tmpdir(), 'sp-users-'));
});
beforeEach(() => {
  notes = [];
});
afterAll(() => rm(directory, { recursive: true }));

async function put(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(directory, name), bytes);
  return join(directory, name);
}

function npy(dtype: string, shape: string, data: ArrayBufferView, order = 'False'): Uint8Array {
  const header = `{'descr': '${dtype}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  return Uint8Array.from([
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8],
    ...new TextEncoder().encode(header),
    ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

const classes = (labels: Int32Array): string => [...new Set(labels)].sort((a, b) => a - b).join();

describe("files as users' programs write them", () => {
  it.each([
    ['names.npz', 2],
    ['weight16.npz', 2],
    ['half.npz', 2],
  ])('%s: only x and y are unpacked, of any number type', async (name, count) => {
    const { train, test } = await loadNpz(fixture(name), { note });
    expect([train.classes, classes(train.labels), classes(test.labels)]).toEqual([count, '0,1', '0,1']);
    expect(notes).toEqual([]);
  });

  it.each(['bool_labels.h5', 'bool_pixels.h5', 'userblock.h5'])('%s is read, whole or piece by piece', async (name) => {
    const data = await streamHdf5(fixture(name), { note });
    const whole = await readStream(data);
    await data.close();
    expect([whole.shape, whole.classes, whole.labels.length, classes(whole.labels)]).toEqual([[8, 8, 1], 2, 60, '0,1']);
    const { train, test } = await loadHdf5(fixture(name), { note });
    expect(train.labels.length + test.labels.length).toBe(60);
    const sum = (images: Float32Array): number => images.reduce((total, value) => total + value, 0);
    expect(sum(train.images) + sum(test.images)).toBeCloseTo(sum(whole.images), 3);
    if (name === 'bool_pixels.h5') expect([...new Set(whole.images)].sort()).toEqual([0, 1]);
  });

  it('halves are exact, with their special values refused as pixels', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x3555);
    const expected = [1, -2, 2 ** -24, 65504, -0, 1365 * 2 ** -12];
    expect([...parseNpy(npy('<f2', '6,', bits), 'f').data]).toEqual(expected);
    const infinite = { shape: [2, 1, 1], data: parseNpy(npy('<f2', '2,', Uint16Array.of(0x7c00, 0)), 'f').data };
    expect(() => datasetFromArrays({ images: infinite as never, labels: [0, 1] })).toThrow('is Infinity');
  });

  it.each<[string, string, readonly number[] | string]>([
    ['IEEE halves', '11200f0002000000000010000a05000a0f000000', [0.5, 1]],
    ['bfloat16', '11200f000200000000001000070800077f000000', [2 ** -15, 2 ** -7]],
    ['halves of another bias', '11200f0002000000000010000a05000a0e000000', 'neither IEEE halves nor bfloat16'],
    ['halves with 9 bits of mantissa', '11200f000200000000001000090600091f000000', 'neither IEEE halves nor bfloat16'],
  ])('%s of HDF5', async (_, type, expected) => {
    const path = join(directory, 'half.h5');
    const file = new File(path, 'w', { libver: ['earliest', 'v108'] });
    const halves = Uint16Array.of(0x3800, 0x3c00, 0xc000, 0x0001);
    file.create_dataset({ name: 'x', data: new Float32Array(halves.buffer), shape: [2, 1, 1], dtype: '<f' });
    file.close();
    // The writer knows no halves: the element type of the file is changed from IEEE 754's binary32 to its binary16.
    const bytes = await readFile(path);
    const single = Buffer.from('11201f000400000000002000170800177f000000', 'hex');
    const half = Buffer.from(type, 'hex');
    half.copy(bytes, bytes.indexOf(single));
    await writeFile(path, bytes);
    const reader = await openHdf5(path, 'x');
    if (typeof expected === 'string') await expect(reader.read(0, 2)).rejects.toThrow(expected);
    else expect([...(await reader.read(0, 2))]).toEqual(expected);
    await reader.close();
    // Whatever else the file has, the message of the dataset itself counts.
    await writeFile(path, Buffer.concat([bytes, Buffer.from('11200f000200000000001000090600091f000000', 'hex')]));
    const other = await openHdf5(path, 'x');
    if (typeof expected === 'string') await expect(other.read(0, 2)).rejects.toThrow(expected);
    else expect([...(await other.read(0, 2))]).toEqual(expected);
    await other.close();
  });

  it('labels as BigInt, one-hot, plain or a tensor, images as a tensor', () => {
    const images = tf.tensor3d([0, 0.5, 1, 0.25], [2, 1, 2]);
    const oneHot = tf.tensor2d([0, 1, 1, 0], [2, 2]);
    for (const labels of [BigInt64Array.of(1n, 0n), [1, 0], [1n, 0n], oneHot, tf.tensor1d([1, 0], 'int32')]) {
      const { images: pixels, labels: indices } = datasetFromArrays({ images, labels });
      expect([[...pixels], [...indices]]).toEqual([
        [0, 0.5, 1, 0.25],
        [1, 0],
      ]);
    }
    const data = { images: new Float32Array(2), shape: [1, 1, 1] as const, classes: 2 };
    const refused = (labels: unknown) => () => checkDataset({ ...data, labels: labels as Int32Array }, 'data');
    expect(refused(BigInt64Array.of(1n, 0n))).toThrow(
      'of type BigInt64Array; give an Int32Array, e.g. Int32Array.from(labels, Number), or use datasetFromArrays',
    );
    expect(refused(oneHot)).toThrow('data: labels: a tensor; give an Int32Array, or use datasetFromArrays');
    expect(refused(undefined)).toThrow('data: labels: of type Undefined; give an Int32Array');
    tf.dispose([images, oneHot]);
  });

  it('channels first when asked for, with a hint where they look so', async () => {
    const x = npy(
      '<f4',
      '2, 2, 1, 3',
      Float32Array.from({ length: 12 }, (_, p) => p),
    );
    const path = await put(
      'first.npz',
      zipSync({ 'x.npy': x, 'y.npy': npy('<i4', '2,', Int32Array.of(0, 1)) }, { level: 0 }),
    );
    const data = await streamNpz(path, { channels: 'first', note });
    expect(data.shape).toEqual([1, 3, 2]);
    expect([...(await readStream(data)).images]).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    await data.close();
    const images = (shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
    const of = (shape: number[], options = {}) =>
      datasetFromArrays({ images: images(shape), labels: [0, 1] }, 'f', { note, ...options });
    expect(of([2, 5, 8, 8]).shape).toEqual([5, 8, 8]);
    expect(notes).toEqual([
      "images of shape [5, 8, 8] are taken as 5 × 8 pixels with 8 channels; if the channels come first, say channels: 'first' (else 'last')",
    ]);
    expect(of([2, 5, 8, 8], { channels: 'first' }).shape).toEqual([8, 8, 5]);
    for (const shape of [
      [2, 8, 8, 3],
      [2, 8, 8],
      [2, 4, 4, 1],
    ])
      of(shape);
    of([2, 5, 8, 8], { channels: 'last' });
    expect(notes.length).toBe(1);
    expect(() => of([2, 5, 8], { channels: 'first' })).toThrow("has no axis of channels; leave channels 'first' out");
    expect(() => of([2, 5, 8, 1], { channels: 'second' })).toThrow("'second' is neither 'first' nor 'last'");
  });

  it('CSV with quotes, line ends of all systems, and labels in front', () => {
    const told: string[] = [];
    const read = (text: string, options: CsvOptions = {}) =>
      parseCsv(text, { note: (line) => void told.push(line), ...options }, 'f');
    for (const text of ['"0","1","2","3","1"\n4,5,6,7,0', '0,1,2,3,1\r4,5,6,7,0\r', '0,1,2,3,1\r\n4,5,6,7,0\r\n']) {
      expect([[...read(text).images], [...read(text).labels]]).toEqual([
        [0, 1, 2, 3, 4, 5, 6, 7],
        [1, 0],
      ]);
    }
    expect(told).toEqual([]);
    // As of digits: the label in front, and a border of zeros.
    const inFront = 'label,pixel0,pixel1,pixel2,pixel3\n1,0,9,9,0\n5,0,9,9,0\n';
    expect(() => read(inFront)).toThrow(
      "f: label: the names at the top call the first column label; say label: 'first'",
    );
    expect(read(inFront, { label: 'first' }).labelIds).toEqual([1, 5]);
    expect(read('label,a,b,c,y\n1,2,3,4,0\n1,2,3,4,1\n').classes).toBe(2);
    told.length = 0;
    expect([...read('1,0,9,9,0\n5,0,9,9,0\n').labels]).toEqual([0, 0]);
    expect(told).toEqual(["f: all images have the label 0; if the label stands first in a line, say label: 'first'"]);
    expect(() => read('1,0,9,9,0.5\n')).toThrow("or, if it stands first in a line, say label: 'first'");
    expect(() => read('# made by hand\n1,0,9,9,0\n')).toThrow('if the line is a header, say headerLines');
  });

  it('what is no array of numbers is said to be none', () => {
    const images = { shape: [2, 1, 1], data: Float32Array.of(0, 1) };
    const made =
      (labels: unknown, pixels: unknown = images) =>
      () =>
        datasetFromArrays({ images: pixels as typeof images, labels: labels as number[] });
    expect(made(null)).toThrow('data: labels: null; give an array or a tensor');
    expect(made([0, 1], 'pixels')).toThrow('data: images: of type string; give an array or a tensor');
    expect(made([0, 1], [[[0]], [[1]]])).toThrow(
      'data: images: entry 0 is a list, no number; give numbers, with { shape, data }',
    );
    expect(made(['a', 'b'])).toThrow('data: labels: entry 0 is "a", no number');
    // Would be 0 in 64 bits.
    expect(made([2n ** 70n, 1n])).toThrow('data: labels: entry 0, 1180591620717411303424, does not fit into 64 bits');
    expect(made({ shape: [2], data: [0, 1] })).toThrow('data: labels: its data are no typed array');
    const ofCanvas = { shape: [2, 1, 1], data: Uint8ClampedArray.of(128, 255) };
    expect([...made([0, 1], ofCanvas)().images]).toEqual([0.5, 255 / 256]);
  });

  it('CSV with a header, of a square, with other separators named', () => {
    const text = 'label,p0,p1,p2,p3\n2,0,1,2,3\n0,1,1,1,1\n1,0,0,0,0\n';
    const data = parseCsv(text, { label: 'first', note }, 'f');
    expect([data.shape, [...data.labels], data.classes]).toEqual([[2, 2, 1], [2, 0, 1], 3]);
    expect(notes).toEqual(['line 1 holds names and is skipped']);
    const numbered = '0,1,2,3,label\n1,2,3,4,0\n1,2,3,4,1\n';
    expect(parseCsv(`\uFEFF${numbered}`, { note }, 'f').labels.length).toBe(2);
    expect(parseCsv('1;2;0\n3;4;1', { shape: [1, 2, 1], separator: ';' }, 'f').images.length).toBe(4);
    expect(() => parseCsv('1;2;0\n3;4;1', { shape: [1, 2, 1] }, 'f')).toThrow('separated by ";": say separator');
    expect(() => parseCsv('1,2,3,0', {}, 'f')).toThrow('3 pixels of a line make no square image');
    for (const options of [{}, { headerLines: 0 }]) {
      expect(() => parseCsv('1,p0,0\n1,2,1', { shape: [1, 2, 1], ...options }, 'f')).toThrow(
        "line 1: 'p0' is not a finite number; if the line is a header, say headerLines: 1",
      );
    }
    for (const lost of ['1,2,NaN\n1,2,0\n', '0x1F,2,0\n1,2,1', '1,2,0\n1,0b1,1', '1,2,0\n,2,1']) {
      expect(() => parseCsv(lost, { shape: [1, 2, 1] }, 'f')).toThrow('is not a finite number');
    }
  });
});

describe('labels', () => {
  it('with gaps become classes, and that is said', async () => {
    const { train, test } = await loadNpz(fixture('pdg.npz'), { note });
    expect([train.classes, train.labelIds, test.labelIds]).toEqual([2, [11, 211], [11, 211]]);
    expect([classes(train.labels), classes(test.labels)]).toEqual(['0,1', '0,1']);
    expect(notes).toEqual(['labels 11, 211 are the classes 0, 1']);
    await expect(loadNpz(fixture('pdg.npz'), { classes: 2, note })).rejects.toThrow(
      'label 11 of image 0 is not in 0 … 1',
    );
  });

  it('of both parts are numbered together', async () => {
    const x = npy('<f4', '3, 1, 1', Float32Array.of(0, 1, 2));
    const y = (...labels: number[]): Uint8Array => npy('<i4', '3,', Int32Array.from(labels));
    const arrays = { 'x_train.npy': x, 'y_train.npy': y(-11, 22, 22), 'x_test.npy': x, 'y_test.npy': y(22, 13, 22) };
    const { train, test } = await loadNpz(await put('parts.npz', zipSync(arrays)), { note });
    expect([[...train.labels], [...test.labels], train.labelIds]).toEqual([
      [0, 2, 2],
      [2, 1, 2],
      [-11, 13, 22],
    ]);
    expect(notes).toEqual([
      'labels -11, 13, 22 are the classes 0, 1, 2',
      'class 1 (label 13) occurs in the test part only, so no training can find it; mix the parts, e.g. by splitDataset',
      'class 0 (label -11) occurs in the training part only, so no test tells how well it is found; give more images of it',
    ]);
  });

  it.each([
    [
      'numbers of events',
      Array.from({ length: 1100 }, (_, j) => 3 * j),
      '1100 different labels from 0 to 3297 with gaps',
    ],
    ['one label', [7, 7], 'all images have the label 7; give at least two classes'],
    ['halves', [0, 0.5], 'label 0.5 of image 1 is not a whole number'],
    ['what no number holds', [0, 2 ** 60], 'label 1152921504606847000 of image 1 is too large'],
  ])('refuses %s', (_, labels, message) => {
    const images = { shape: [labels.length, 1, 1], data: new Float32Array(labels.length) };
    expect(() => datasetFromArrays({ images, labels }, 'f', { note })).toThrow(message);
  });

  it('of a stream keep their ids', async () => {
    const x = npy('<f4', '3, 1, 1', Float32Array.of(0, 1, 2));
    const y = npy('<i8', '3,', BigInt64Array.of(211n, 11n, 211n));
    const data = await streamNpz(await put('ids.npz', zipSync({ 'x.npy': x, 'y.npy': y }, { level: 0 })), { note });
    expect(await readStream(data)).toMatchObject({ classes: 2, labels: Int32Array.of(1, 0, 1), labelIds: [11, 211] });
    await data.close();
    expect(notes).toEqual(['labels 11, 211 are the classes 0, 1']);
  });
});

describe('splits', () => {
  it('keep the share of every class, whatever the order, by the seed', async () => {
    const { train, test } = await loadNpz(fixture('roundrobin.npz'), { note });
    expect([classes(train.labels), classes(test.labels)]).toEqual(['0,1,2,3,4', '0,1,2,3,4']);
    expect(notes).toEqual([]);
    const again = await loadNpz(fixture('roundrobin.npz'));
    expect(again.test).toEqual(test);
    expect((await loadNpz(fixture('roundrobin.npz'), { seed: 1 })).test.images).not.toEqual(test.images);
  });

  it('leave both parts something of every class with two images', () => {
    const data: Dataset = {
      images: new Float32Array(4),
      labels: Int32Array.of(0, 0, 1, 1),
      shape: [1, 1, 1],
      classes: 2,
    };
    for (const fraction of [0.01, 0.99]) {
      const { rest, heldOut } = splitDataset(data, fraction, 3);
      expect([classes(rest.labels), classes(heldOut.labels)]).toEqual(['0,1', '0,1']);
    }
  });

  it('tell classes of one part, or of none', () => {
    const part = (...labels: number[]): Dataset => ({
      images: new Float32Array(labels.length),
      labels: Int32Array.from(labels),
      shape: [1, 1, 1],
      classes: 4,
    });
    expect(classCoverage(part(0, 1), part(0, 2))).toEqual([
      expect.stringMatching(/^class 2 occurs in the test part only/),
      expect.stringMatching(/^class 1 occurs in the training part only/),
      expect.stringMatching(/^class 3 occurs in no part/),
    ]);
    expect(classCoverage(part(0, 1, 2, 3), part(3, 2, 1, 0))).toEqual([]);
  });
});

describe('files that must not be believed', () => {
  it('a filter that h5wasm lacks is named, and nothing stays behind for later files', async () => {
    for (let time = 0; time < 3; time++) {
      await expect(streamHdf5(fixture('lzf.h5'))).rejects.toThrow(
        /lzf\.h5: dataset 'x': packed with the filter 'lzf', which h5wasm does not have; save it with gzip/,
      );
      const good = await streamHdf5(fixture('userblock.h5'));
      const { images } = await readStream(good);
      expect(images.some((value) => value !== 0)).toBe(true);
      await good.close();
    }
    const labels = await openHdf5(fixture('lzf.h5'), 'y');
    expect((await labels.read(0, 100)).length).toBe(100);
    await labels.close();
  });

  it('damage that shows while reading is an error, also for a file that was read before', async () => {
    const path = join(directory, 'packed.h5');
    const file = new File(path, 'w');
    const data = Float32Array.from({ length: 4096 }, (_, p) => Math.sin(p));
    file.create_dataset({ name: 'x', data, shape: [64, 8, 8], dtype: '<f', chunks: [8, 8, 8], compression: 4 });
    file.create_dataset({ name: 'y', data: new Uint8Array(64), shape: [64], dtype: '<B' });
    file.close();
    const whole = await readFile(path);
    const sound = async (): Promise<Float32Array> => {
      const reader = await openHdf5(path, 'x');
      try {
        return (await reader.read(0, 64)) as Float32Array;
      } finally {
        await reader.close();
      }
    };
    expect(await sound()).toEqual(data);
    // The chunks' content: at the end of the file come the last ones.
    const damaged = Uint8Array.from(whole, (byte, at) => (at > 3000 && at < 8000 ? byte ^ 0x55 : byte));
    await writeFile(path, damaged);
    const failure = await sound().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    await writeFile(path, whole);
    expect(await sound()).toEqual(data);
  });

  const x = npy('<f4', '4, 1, 1', Float32Array.of(0, 1, 2, 3));
  const y = npy('<i4', '4,', Int32Array.of(0, 1, 0, 1));

  it('a zip whose content does not fit its CRC-32, read either way', async () => {
    const bytes = zipSync({ 'x.npy': x, 'y.npy': y }, { level: 0 });
    const at = bytes.findIndex((_, p) => bytes[p] === 0x40 && bytes[p + 1] === 0x40);
    const path = await put('crc.npz', bytes);
    expect((await loadNpz(path, { note })).train.labels.length).toBe(2);
    bytes[at] ^= 1;
    await writeFile(path, bytes);
    const message = "array 'x': damaged (its CRC-32 or its size does not fit); get the file again";
    await expect(loadNpz(path)).rejects.toThrow(message);
    await expect(openNpz(path, 'x')).rejects.toThrow(message);
  });

  it('two arrays of one name: both readers take the last, as NumPy', async () => {
    const first = zipSync({ 'x.npy': x, 'z.npy': npy('<f4', '4, 1, 1', Float32Array.of(5, 6, 7, 8)) }, { level: 0 });
    const twice = Uint8Array.from(first, (byte, p) =>
      byte === 0x7a && first[p + 1] === 0x2e && first[p + 2] === 0x6e ? 0x78 : byte,
    );
    expect([...(parseNpz(twice, 'f').get('x')?.data ?? [])]).toEqual([5, 6, 7, 8]);
    const reader = await openNpz(await put('twice.npz', twice), 'x');
    expect([...(await reader.read(0, 4))]).toEqual([5, 6, 7, 8]);
    await reader.close();
  });

  it('a small file that would fill the memory', async () => {
    const zeros = (count: number): Uint8Array => gzipSync(new Uint8Array(count));
    const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2);
    const bomb = gzipSync(Buffer.concat([header, new Uint8Array(1 << 24)]));
    for (const part of ['train', 't10k']) {
      await put(`${part}-images-idx3-ubyte.gz`, bomb);
      await put(`${part}-labels-idx1-ubyte.gz`, gzipSync(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0)));
    }
    await expect(loadMnistIdx(directory)).rejects.toThrow('data: more than the 18 bytes that its header promises');
    await expect(readBytes(await put('zeros.gz', zeros(1e6)), { maxBytes: 1e5 })).rejects.toThrow(
      'more than maxBytes 100000; raise maxBytes',
    );
    expect((await readBytes(join(directory, 'zeros.gz'), { maxBytes: 1e6 })).length).toBe(1e6);
    await expect(loadCsv(await put('zeros.csv.gz', zeros(1e6)), { maxBytes: 1e5 })).rejects.toThrow('maxBytes');
    const packed = await put(
      'large.npz',
      zipSync({ 'x.npy': npy('<f4', '1, 1, 99999', new Float32Array(99_999)), 'y.npy': y }),
    );
    await expect(loadNpz(packed, { maxBytes: 1e5 })).rejects.toThrow("array 'x': becomes 400");
    const lying = zipSync({ 'x.npy': npy('<f4', '1, 1, 2', new Float32Array(99_999)), 'y.npy': y });
    expect(() => parseNpz(lying, 'f')).toThrow("array 'x': 400");
  });

  it.each([
    ['(-1, 4, -4)', '-1, 4, -4'],
    ['an overflow', '4294967296, 4294967296, 1'],
    ['a fraction', '1.5, 1'],
    ['an exponent', '1e1, 1'],
  ])('a shape of %s', (_, shape) => {
    expect(() => parseNpy(npy('<f4', shape, Float32Array.of(1)), 'f')).toThrow(DataError);
  });

  it.each([
    ['a shape twice', npy('<f4', "1,), 'shape': (1,", Float32Array.of(1)), "says 'shape' twice"],
    [
      'version 0',
      npy('<f4', '1,', Float32Array.of(1)).map((byte, at) => (at === 6 ? 0 : byte)),
      'version 0.0 of the NumPy',
    ],
    ['an unknown byte order', npy('#f4', '1,', Float32Array.of(1)), 'element type #f4'],
    ['complex numbers', npy('<c8', '1,', Float32Array.of(1, 2)), 'element type <c8'],
  ])('a header of %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes, 'f')).toThrow(message);
  });
});

describe('places', () => {
  it('are paths, file: URLs with blanks, or URL objects', async () => {
    const path = await put('my data #1.npz', await readFile(fixture('half.npz')));
    for (const place of [path, pathToFileURL(path), pathToFileURL(path).href]) {
      expect((await loadNpz(place, { note })).train.classes).toBe(2);
    }
    await expect(loadNpz('file://elsewhere/data.npz')).rejects.toThrow(DataError);
    await expect(loadNpz(new URL('https://example.org/data.npz'))).rejects.toThrow('names no file here');
  });
});

describe('labels of two files', () => {
  const csv = (labels: readonly number[]): string => labels.map((label) => `0,1,2,${label}`).join('\n');
  const shape = [1, 3, 1] as const;
  const train = (): Dataset => parseCsv(csv([11, 22, 211, 22]), { shape, note }, 'train');

  it('stand for the same classes where the second is given those of the first', async () => {
    const { labelIds } = train();
    notes = [];
    expect([...parseCsv(csv([211, 22]), { shape, labelIds, note }, 'test').labels]).toEqual([2, 1]);
    const arrays = { images: { shape: [2, 1, 3], data: new Float32Array(6) }, labels: Int32Array.of(211, 22) };
    const part = datasetFromArrays(arrays, 'test', { labelIds, note });
    expect([part.classes, [...part.labels], part.labelIds]).toEqual([3, [2, 1], [11, 22, 211]]);
    const stream = await streamNpz(fixture('pdg.npz'), { labelIds: [-11, 11, 211], note });
    const streamed = await readStream(stream);
    await stream.close();
    expect([streamed.classes, classes(streamed.labels)]).toEqual([3, '1,2']);
    const file = await loadNpz(fixture('pdg.npz'), { labelIds: [211, 11], note: () => {} });
    expect(file.train.labelIds).toEqual([211, 11]);
    expect(notes).toEqual([]);
  });

  it.each([
    [{ labelIds: [11, 22] }, 'label 211 is none of 11, 22; give images of known classes'],
    [{ labelIds: [11, 22, 22] }, '22 is no whole number, or there twice'],
    [{ labelIds: [11.5, 22] }, '11.5 is no whole number'],
    [{ labelIds: [11] }, '1 labels; give two or more'],
    [{ labelIds: [11, 211], classes: 3 }, '2 labels for 3 classes'],
  ])('%j is refused', (options, message) => {
    const read = (): unknown => parseCsv(csv([11, 211]), { shape, ...options }, 'test');
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
  });
});
