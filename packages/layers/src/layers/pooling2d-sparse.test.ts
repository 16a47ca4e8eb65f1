import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  averagePooling2DSparse,
  inputReduce,
  maxPooling2DSparse,
  removeDilatedPixels,
  setBackend,
  sparseFlatten,
} from '../index.ts';

beforeAll(() => setBackend('cpu'));

const [height, width, channels] = [5, 7, 2];

function masked(seed: number): { x: tf.Tensor4D; mask: tf.Tensor4D } {
  const random = seededRandom(seed);
  const mask = Float32Array.from({ length: height * width }, () => (random() < 0.4 ? 1 : 0));
  const x = Float32Array.from(
    { length: height * width * channels },
    (_, j) => mask[Math.floor(j / channels)] * (random() * 2 - 1),
  );
  return { x: tf.tensor4d(x, [1, height, width, channels]), mask: tf.tensor4d(mask, [1, height, width, 1]) };
}

/** Values of cell (row, column), channel c. */
function cell(x: tf.Tensor4D, row: number, column: number, c: number, size: readonly [number, number]): number[] {
  const values = x.dataSync();
  const result: number[] = [];
  for (let a = 0; a < size[0]; a++) {
    for (let b = 0; b < size[1]; b++) {
      result.push(values[((row * size[0] + a) * width + column * size[1] + b) * x.shape[3] + c]);
    }
  }
  return result;
}

describe.each([
  [
    'averagePooling2DSparse',
    averagePooling2DSparse,
    (list: number[]) => Math.fround(list.reduce((sum, v) => sum + v, 0) / list.length),
  ],
  ['maxPooling2DSparse', maxPooling2DSparse, (list: number[]) => Math.max(...list)],
] as const)('%s', (_, make, reference) => {
  it.each([
    [2, 2],
    [2, 3],
    [5, 1],
    [1, 1],
  ] as const)('pools cells of %i×%i and drops partial border cells', (rows, columns) => {
    const { x, mask } = masked(rows * 10 + columns);
    const [y, pooled] = make({ poolSize: [rows, columns] }).apply([x, mask]) as tf.Tensor4D[];
    expect(y.shape).toEqual([1, Math.floor(height / rows), Math.floor(width / columns), channels]);
    let j = 0;
    for (let r = 0; r < y.shape[1]; r++) {
      for (let q = 0; q < y.shape[2]; q++) {
        for (let c = 0; c < channels; c++)
          expect(y.dataSync()[j++] + 0).toBe(reference(cell(x, r, q, c, [rows, columns])) + 0);
        expect(pooled.dataSync()[r * y.shape[2] + q]).toBe(Math.max(...cell(mask, r, q, 0, [rows, columns])));
      }
    }
  });

  it.each([
    [{ poolSize: 3, strides: 2 }],
    [{ poolSize: [2, 3], strides: [1, 2], padding: 'same' }],
    [{ poolSize: 2, padding: 'same' }],
  ])('pools other windows as TensorFlow does: %j', (args) => {
    const { x, mask } = masked(4);
    const [y, pooled] = make(args).apply([x, mask]) as tf.Tensor4D[];
    const kind = make === averagePooling2DSparse ? 'avg' : 'max';
    const windows = args as { poolSize: number | [number, number]; strides?: number | [number, number] };
    const like = (image: tf.Tensor4D, mode: 'avg' | 'max'): tf.Tensor =>
      tf.pool(
        image,
        windows.poolSize,
        mode,
        (args as { padding?: 'same' }).padding ?? 'valid',
        1,
        windows.strides ?? windows.poolSize,
      );
    expect(y.shape).toEqual(like(x, kind).shape);
    expect(tf.max(tf.abs(tf.sub(y, like(x, kind)))).dataSync()[0]).toBeLessThan(1e-6);
    expect([...pooled.dataSync()]).toEqual([...like(mask, 'max').dataSync()]);
  });

  it('refuses unknown padding, and cells larger than the image', () => {
    expect(() => make({ poolSize: 2, padding: 'full', name: 'p' })).toThrow(/Layer 'p': padding 'full'/);
    const [x, mask] = [tf.input({ shape: [2, 2, 1] }), tf.input({ shape: [2, 2, 1] })];
    expect(() => make({ poolSize: 3, name: 'p' }).apply([x, mask])).toThrow(/a window of 3 does not fit/);
  });
});

describe('gradients of pooling', () => {
  it('spreads over all pixels of a cell for the average', () => {
    const layer = averagePooling2DSparse({ poolSize: 2 });
    const mask = tf.ones([1, 3, 2, 1]);
    const gradient = tf.grad((x) => tf.sum((layer.apply([x, mask]) as tf.Tensor[])[0]))(tf.ones([1, 3, 2, 1]));
    expect([...gradient.dataSync()]).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0]);
  });

  it('goes to the first largest pixel for the maximum, of features and of masks', () => {
    const layer = maxPooling2DSparse({ poolSize: 2 });
    const total = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor => {
      const [y, pooled] = layer.apply([x, mask]) as tf.Tensor[];
      return tf.add(tf.sum(y), tf.mul(tf.sum(pooled), 3));
    };
    const [dx, dMask] = tf.grads(total)([
      tf.tensor4d([1, 5, 5, 2], [1, 2, 2, 1]),
      tf.tensor4d([0, 0, 1, 1], [1, 2, 2, 1]),
    ]);
    expect([...dx.dataSync()]).toEqual([0, 1, 0, 0]);
    expect([...dMask.dataSync()]).toEqual([0, 0, 3, 0]);
  });

  it('does not confuse features that were reshaped with what it knew of them', () => {
    const [x, mask] = inputReduce({ n: 1, threshold: 0 }).apply(
      tf.tensor4d([0, 0, 0, 0, 3, 5], [1, 1, 3, 2]),
    ) as tf.Tensor[];
    expect([...mask.dataSync()]).toEqual([0, 0, 1]);
    const wide = tf.reshape(x, [1, 1, 6, 1]);
    const [y] = averagePooling2DSparse({ poolSize: [1, 2] }).apply([wide, tf.ones([1, 1, 6, 1])]) as tf.Tensor[];
    expect([...y.dataSync()]).toEqual([0, 0, 4]);
  });

  it('averages averages exactly', () => {
    const x = tf.tensor4d(
      Float32Array.from({ length: 81 }, (_, j) => (j * 7) % 32),
      [1, 9, 9, 1],
    );
    const pool = averagePooling2DSparse({ poolSize: 3 });
    const [once, mask] = pool.apply([x, tf.ones([1, 9, 9, 1])]) as tf.Tensor[];
    const [twice] = averagePooling2DSparse({ poolSize: 3 }).apply([once, mask]) as tf.Tensor[];
    const sum = x.dataSync<'float32'>().reduce((total, value) => total + value, 0);
    expect(twice.dataSync()[0]).toBe(Math.fround(sum / 81));
  });

  it('divides once: 49 equal values have their own value as mean', () => {
    const [y] = averagePooling2DSparse({ poolSize: 7 }).apply([
      tf.fill([1, 7, 7, 1], 0.1),
      tf.ones([1, 7, 7, 1]),
    ]) as tf.Tensor[];
    expect(y.dataSync()[0]).toBe(Math.fround(0.1));
  });
});

describe('sparseFlatten and removeDilatedPixels', () => {
  it('flattens the features of a pair', () => {
    const { x, mask } = masked(1);
    expect([...(sparseFlatten().apply([x, mask]) as tf.Tensor).dataSync()]).toEqual([...x.dataSync()]);
    const symbolic = sparseFlatten().apply([
      tf.input({ shape: [5, 7, 2] }),
      tf.input({ shape: [5, 7, 1] }),
    ]) as tf.SymbolicTensor;
    expect(symbolic.shape).toEqual([null, 70]);
  });

  it('zeroes features outside the mask', () => {
    const { mask } = masked(2);
    const y = removeDilatedPixels().apply([tf.ones([1, height, width, 1]), mask]) as tf.Tensor;
    expect([...y.dataSync()]).toEqual([...mask.dataSync()]);
  });
});
