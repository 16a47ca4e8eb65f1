import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { pixelFormat } from './pixel-format.ts';

const dataset = (...images: number[]): Dataset => ({
  images: Float32Array.from(images),
  labels: Int32Array.of(0),
  shape: [1, images.length, 1],
  classes: 2,
});

describe('pixelFormat', () => {
  it.each([
    ['sixteenths up to 1', [0, 7 / 16, 1], { k: 0, i: 1, f: 4 }],
    ['sixteenths below 1', [0, 15 / 16], { k: 0, i: 0, f: 4 }],
    ['whole numbers', [0, 3, 200], { k: 0, i: 8, f: 0 }],
    ['negative halves', [-1, 0.5], { k: 1, i: 0, f: 1 }],
    ['anything up to 1', [0, 0.3, 1], { k: 0, i: 1, f: 7 }],
    ['anything up to 1000', [0.3, 1000], { k: 0, i: 10, f: -2 }],
    ['nothing', [0, 0], { k: 0, i: 0, f: 0 }],
  ])('of %s', (_, images, format) => {
    expect(pixelFormat(dataset(...images))).toEqual(format);
  });
});
