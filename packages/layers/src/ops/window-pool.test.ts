import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientDeviation, gridTensor, largestDifference, randomTensor } from '../../test/support/compare.ts';
import { setBackend } from '../index.ts';
import { knownFraction } from './fraction.ts';
import { type Padding, windowAxis } from './window-axis.ts';
import { averageWindows, maximumWindows } from './window-pool.ts';

beforeAll(() => setBackend('cpu'));

const cases = (['valid', 'same'] as const).flatMap((padding) =>
  [
    { pool: [2, 2], strides: [2, 2] },
    { pool: [3, 2], strides: [2, 3] },
    { pool: [2, 3], strides: [1, 1] },
    { pool: [1, 1], strides: [2, 2] },
  ].map((window) => ({ padding, ...window })),
);

function axes(padding: Padding, pool: readonly number[], strides: readonly number[], sizes: readonly number[]) {
  return sizes.map((input, axis) =>
    windowAxis({ input, taps: pool[axis], stride: strides[axis], dilation: 1, padding }, ''),
  );
}

describe('pooling windows', () => {
  it.each(cases)('compute what tfjs computes: $padding, $pool by $strides', ({ padding, pool, strides }) => {
    const x = randomTensor([2, 7, 6, 3], 3) as tf.Tensor4D;
    const [rows, columns] = axes(padding, pool, strides, [7, 6]);
    const [size, step] = [pool as [number, number], strides as [number, number]];
    expect(largestDifference(maximumWindows(x, rows, columns), tf.maxPool(x, size, step, padding as 'same'))).toBe(0);
    const mean = averageWindows(x, rows, columns);
    expect(largestDifference(mean, tf.avgPool(x, size, step, padding as 'same'))).toBeLessThan(1e-6);
  });

  it.each(cases)('have the right gradient: $padding, $pool by $strides', ({ padding, pool, strides }) => {
    // Distinct multiples of 1/64 … 2, further apart than the step, so no maximum changes hands.
    const order = Array.from({ length: 60 }, (_, j) => ((j * 37) % 61) / 8);
    const x = tf.tensor4d(order, [2, 5, 3, 2]);
    const [rows, columns] = axes(padding, pool, strides, [5, 3]);
    const weighted = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, randomTensor(y.shape, 9)));
    expect(gradientDeviation((a) => weighted(averageWindows(a, rows, columns)), [x])).toBeLessThan(1e-3);
    expect(gradientDeviation((a) => weighted(maximumWindows(a, rows, columns)), [x])).toBeLessThan(1e-3);
  });

  it('divide an exact sum once', () => {
    const x = gridTensor([1, 7, 7, 1], 5, 10) as tf.Tensor4D;
    const [rows, columns] = axes('valid', [7, 7], [7, 7], [7, 7]);
    const sum = x.dataSync<'float32'>().reduce((total, value) => total + value, 0);
    expect(averageWindows(x, rows, columns).dataSync()[0]).toBe(Math.fround(sum / 49));
  });

  it('pass exact averages on: two of them divide once', () => {
    const x = gridTensor([1, 9, 9, 1], 6, 12) as tf.Tensor4D;
    const [rows, columns] = axes('valid', [3, 3], [3, 3], [9, 9]);
    const [outerRows, outerColumns] = axes('valid', [3, 3], [3, 3], [3, 3]);
    const [first, second] = axes('valid', [1, 3], [1, 3], [3, 3]);
    const inner = averageWindows(x, rows, columns);
    const largest = maximumWindows(inner, first, second);
    const mean = averageWindows(inner, outerRows, outerColumns);
    const sum = x.dataSync<'float32'>().reduce((total, value) => total + value, 0);
    expect(mean.dataSync()[0]).toBe(Math.fround(sum / 81));
    expect(knownFraction(mean)).toMatchObject({ divisor: 81 });
    expect(knownFraction(largest)).toMatchObject({ divisor: 9 });
    const exact = knownFraction(largest)!.numerators.map((numerator) => Math.fround(numerator / 9));
    expect([...exact]).toEqual([...largest.dataSync()]);
  });
});
