import { describe, expect, it } from 'vitest';
import { batches } from './batches.ts';
import { checkDataset, type Dataset, sliceImages } from './dataset.ts';
import { shuffledIndices } from './random.ts';
import { loadDigits } from './sparse-digits.ts';
import { sparseMnist } from './sparse-mnist.ts';
import { splitDataset } from './split-dataset.ts';

const tiny: Dataset = {
  images: Float32Array.from({ length: 12 }, (_, p) => p),
  labels: Int32Array.of(0, 1, 0),
  shape: [2, 2, 1],
  classes: 2,
};

describe('checkDataset', () => {
  it.each([
    [{ labels: Int32Array.of(0, 2, 0) }, 'data: labels: label 2 of image 1 is not in 0 … 1'],
    [
      { labels: Int32Array.of(0, 1, -1) },
      'data: labels: label -1 of image 2 is not in 0 … 1; number the classes from 0',
    ],
    [{ labels: [0, 0.5, 1] as unknown as Int32Array }, 'label 0.5 of image 1 is not a whole number; give'],
    [{ labels: [Number.NaN, 0, 1] as unknown as Int32Array }, 'label NaN of image 0 is not a whole number'],
    [
      { images: Array.from(tiny.images) as unknown as Float32Array },
      'data: images: of type Array; give a Float32Array',
    ],
    [{ images: Float64Array.from(tiny.images) as unknown as Float32Array }, 'of type Float64Array'],
    [{ labels: new Int32Array(0), images: new Float32Array(0) }, 'data: labels: no images'],
    [{ images: new Float32Array(11) }, 'data: images: 11 numbers, but 3 labels need 3 × 2 × 2 × 1 = 12'],
    [
      { images: tiny.images.map((v, p) => (p === 7 ? Number.NaN : v)) },
      'data: images: image 1, row 1, column 1, channel 0 is NaN',
    ],
    [{ classes: 1 }, 'data: classes: 1 classes'],
    [{ shape: [2, 2, 0] as const }, 'data: shape: [2, 2, 0]'],
  ])('refuses %o', (change, message) => {
    expect(() => checkDataset({ ...tiny, ...change }, 'data')).toThrow(message);
  });
});

describe('loadDigits', () => {
  it('spreads the 8 × 8 cells over 28 × 28 and splits 1,437 to 360', async () => {
    const { train, test } = await loadDigits();
    expect([train.labels.length, test.labels.length, train.shape, train.classes]).toEqual([1437, 360, [28, 28, 1], 10]);
    // Image 0 of the file, a zero: first row of cells 0,0,5,13,9,1,0,0, of which 5 and 1 are background.
    const row = [...test.images.subarray(3 * 28, 4 * 28)];
    expect(row.flatMap((value, column) => (value === 0 ? [] : [[column, value]]))).toEqual([
      [12, 13 / 16],
      [15, 9 / 16],
    ]);
    expect([...test.labels.subarray(0, 3)]).toEqual([0, 5, 0]);
    expect(train.labels[0]).toBe(1);
    expect([...train.images].every((value) => value === 0 || (value > 0.4 && Number.isInteger(value * 16)))).toBe(true);
  });
});

describe('sparseMnist', () => {
  it('puts hits on the published lattice only', () => {
    const blank: Dataset = {
      images: new Float32Array(784).fill(255),
      labels: Int32Array.of(3),
      shape: [28, 28, 1],
      classes: 10,
    };
    const { images, shape } = sparseMnist(blank);
    const rows = new Set([...images].flatMap((value, p) => (value > 0 ? [Math.floor(p / 48)] : [])));
    expect(shape).toEqual([48, 48, 1]);
    expect([...rows]).toEqual([8, 11, 15, 18, 22, 25, 29, 32, 36]);
  });

  it('scales by the maximum and drops what is below 0.4 of it', () => {
    const images = new Float32Array(784);
    images.fill(100, 0, 1); // cell (0, 0): sum 100
    images.fill(100, 3, 6); // cell (0, 1): sum 300
    const out = sparseMnist({ images, labels: Int32Array.of(0), shape: [28, 28, 1], classes: 10 }).images;
    expect([out[8 * 48 + 8], out[8 * 48 + 11]]).toEqual([0, 1]);
  });
});

describe('splitDataset', () => {
  it('takes the same share of every class, each image once', async () => {
    const { train } = await loadDigits();
    const { rest, heldOut } = splitDataset(train, 0.1, 7);
    expect(rest.labels.length + heldOut.labels.length).toBe(1437);
    for (let label = 0; label < 10; label++) {
      const all = train.labels.filter((l) => l === label).length;
      expect(heldOut.labels.filter((l) => l === label).length).toBe(Math.round(all / 10));
    }
    expect(splitDataset(train, 0.1, 7).heldOut.labels).toEqual(heldOut.labels);
    expect(splitDataset(train, 0.1, 8).heldOut.images).not.toEqual(heldOut.images);
  });

  it('refuses a fraction of 1', () => {
    expect(() => splitDataset(tiny, 1, 0)).toThrow('fraction 1');
  });
});

describe('shuffledIndices', () => {
  it('is a permutation that depends on seed and stream only', () => {
    const order = shuffledIndices(100, 5, 1);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, j) => j));
    expect(shuffledIndices(100, 5, 1)).toEqual(order);
    expect(shuffledIndices(100, 5, 2)).not.toEqual(order);
    expect(shuffledIndices(100, 6, 1)).not.toEqual(order);
  });
});

describe('randomSource', () => {
  it('refuses seeds that would be cut to another one', () => {
    expect(() => shuffledIndices(3, 0.5)).toThrow('seed 0.5 is not a whole number');
    expect(() => splitDataset(tiny, 0.5, Number.NaN)).toThrow('seed NaN');
  });
});

describe('batches', () => {
  it('are views in order, the last one smaller', () => {
    const sizes: number[] = [];
    for (const { size, images } of batches(tiny, 2)) {
      sizes.push(size);
      expect(images.buffer).toBe(tiny.images.buffer);
    }
    expect(sizes).toEqual([2, 1]);
  });

  it('gather a given order', () => {
    const seen = [...batches(tiny, 2, [2, 0, 1])].map(({ labels }) => labels.length);
    expect(seen).toEqual([2, 1]);
    const [first] = batches(tiny, 3, [2, 0, 1]);
    expect([...first.images]).toEqual([8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...first.labels]).toEqual([0, 0, 1]);
  });

  it('refuse a batch size of 0', () => {
    expect(() => [...batches(tiny, 0)]).toThrow('batchSize 0');
  });
});

describe('sliceImages', () => {
  it('shares the memory', () => {
    const slice = sliceImages(tiny, 1, 2);
    expect([...slice.images]).toEqual([4, 5, 6, 7]);
    expect(slice.images.buffer).toBe(tiny.images.buffer);
  });
});
