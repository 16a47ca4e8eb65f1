import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostBackend } from './kernel-memory.ts';
import { setBackend } from './set-backend.ts';

type Conv = {
  readonly title: string;
  readonly input: [number, number, number, number];
  readonly kernel: [number, number, number, number];
  readonly stride?: number | [number, number];
  readonly pad?: 'same' | 'valid';
  readonly dilation?: number;
  readonly density?: number;
};

const convolutions: readonly Conv[] = [
  { title: '3×3 same, sparse', input: [3, 19, 23, 2], kernel: [3, 3, 2, 3], density: 0.04 },
  { title: '3×3 same', input: [3, 9, 11, 2], kernel: [3, 3, 2, 3] },
  { title: '5×3 valid, dense', input: [2, 8, 7, 1], kernel: [5, 3, 1, 2], pad: 'valid', density: 1 },
  { title: '9×9 larger than the image', input: [2, 5, 4, 1], kernel: [9, 9, 1, 2] },
  { title: 'even kernel', input: [2, 6, 6, 2], kernel: [2, 4, 2, 1] },
  { title: 'strided same', input: [2, 7, 9, 2], kernel: [3, 3, 2, 2], stride: [2, 3] },
  { title: 'strided valid', input: [2, 8, 8, 1], kernel: [3, 3, 1, 4], stride: 2, pad: 'valid' },
  { title: 'empty images', input: [2, 4, 4, 1], kernel: [3, 3, 1, 1], density: 0 },
];

function sample(shape: number[], seed: number, density = 0.3): tf.Tensor4D {
  const values = tf.randomNormal(shape, 0, 1, 'float32', seed);
  const keep = tf.less(tf.randomUniform(shape, 0, 1, 'float32', seed + 1), density);
  return tf.mul(values, tf.cast(keep, 'float32')) as tf.Tensor4D;
}

/** y, dx and dw of a convolution, with the gradient of y sparse as well. */
function convolution(c: Conv, seed: number): number[][] {
  return tf.tidy(() => {
    const x = sample(c.input, seed, c.density);
    const filter = sample(c.kernel, seed + 10, 1);
    const forward = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, c.stride ?? 1, c.pad ?? 'same', 'NHWC', c.dilation ?? 1);
    const y = forward(x, filter);
    const [dx, dw] = tf.grads(forward)([x, filter], sample(y.shape, seed + 20, c.density));
    return [y, dx, dw].map((t) => Array.from(t.dataSync()));
  });
}

function depthwise(multiplier: number, stride: number): number[][] {
  return tf.tidy(() => {
    const x = sample([2, 7, 6, 3], 5);
    const filter = sample([3, 3, 3, multiplier], 6, 1);
    const forward = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same');
    const y = forward(x, filter);
    const [dx, dw] = tf.grads(forward)([x, filter], sample(y.shape, 7, 1));
    return [y, dx, dw].map((t) => Array.from(t.dataSync()));
  });
}

function gathered(axis: number): number[][] {
  return tf.tidy(() => {
    const x = sample([4, 5, 3, 2], 9, 1);
    const indices = tf.tensor1d([2, 0, 2, 1], 'int32');
    const [dx] = tf.grads((x: tf.Tensor) => tf.gather(x, indices, axis))([x]);
    return [Array.from(dx.dataSync())];
  });
}

const broadcasts: readonly (readonly [number[], number[]])[] = [
  [
    [3, 4],
    [3, 4],
  ],
  [[2, 3, 4], [4]],
  [
    [2, 3, 1],
    [2, 1, 4],
  ],
  [[5], []],
  [[], []],
  [
    [2, 1, 3, 1],
    [4, 1, 5],
  ],
  [[1, 1], [1]],
  [
    [2, 0],
    [1, 1],
  ],
];

/** All arithmetic on all broadcasts, and on integers. */
function arithmetic(): number[][] {
  return tf.tidy(() =>
    [tf.add, tf.sub, tf.mul, tf.div].flatMap((operation) => {
      const floats = broadcasts.map(([a, b], i) => operation(sample(a, 1 + i, 1), sample(b, 50 + i, 1)));
      const integers = operation(tf.tensor1d([7, -8, 9], 'int32'), tf.scalar(2, 'int32'));
      return [...floats, integers].map((t) => Array.from(t.dataSync()));
    }),
  );
}

/** Losses of a few training steps of a network with every op of a usual CNN. */
function training(): { losses: number[]; tensors: number[] } {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 3,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, depthwiseInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
      tf.layers.batchNormalization(),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 4,
        activation: 'sigmoid',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
      }),
    ],
  });
  const x = sample([6, 8, 8, 1], 40);
  const y = tf.oneHot([0, 1, 2, 3, 1, 2], 4);
  const optimizer = tf.train.adam(0.05);
  const losses: number[] = [];
  const tensors: number[] = [];
  for (let step = 0; step < 5; step++) {
    const loss = optimizer.minimize(() => {
      const output = model.apply(x, { training: true }) as tf.Tensor;
      return tf.losses.softmaxCrossEntropy(y, output) as tf.Scalar;
    }, true);
    losses.push((loss as tf.Scalar).dataSync()[0]);
    loss?.dispose();
    tensors.push(tf.memory().numTensors);
  }
  tf.dispose([x, y]);
  model.dispose();
  optimizer.dispose();
  return { losses, tensors };
}

function closeTo(actual: number[][], expected: number[][]): void {
  expect(actual.length).toBe(expected.length);
  for (const [k, tensor] of expected.entries()) {
    expect(actual[k].length).toBe(tensor.length);
    const scale = Math.max(1, ...tensor.map(Math.abs));
    const worst = tensor.reduce((max, value, i) => Math.max(max, Math.abs(value - actual[k][i])), 0);
    expect(worst / scale, `tensor ${k}`).toBeLessThan(1e-5);
  }
}

// The oracle is the stock cpu backend: it has to be asked before our kernels replace its own.
let stock: {
  arithmetic: number[][];
  conv: number[][][];
  depthwise: number[][][];
  gather: number[][][];
  losses: number[];
};
const backends: readonly HostBackend[] = ['wasm', 'cpu'];

beforeAll(async () => {
  (tf.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false;
  await tf.setBackend('cpu');
  stock = {
    arithmetic: arithmetic(),
    conv: convolutions.map((c, i) => convolution(c, 100 + i)),
    depthwise: [depthwise(1, 1), depthwise(2, 2)],
    gather: [0, 1, 2].map(gathered),
    losses: training().losses,
  };
});

describe.each(backends)('kernels on %s', (backend) => {
  beforeAll(async () => {
    expect((await setBackend(backend)).backend).toBe(backend);
  });

  it.each(convolutions.map((c, i) => [c.title, c, i] as const))('convolves and differentiates: %s', (_, c, i) => {
    expect(tf.getBackend()).toBe(backend);
    closeTo(convolution(c, 100 + i), stock.conv[i]);
  });

  it('adds, subtracts, multiplies and divides with any broadcasting', () => {
    expect(arithmetic()).toEqual(stock.arithmetic);
  });

  it('differentiates depthwise convolutions', () => {
    closeTo(depthwise(1, 1), stock.depthwise[0]);
    closeTo(depthwise(2, 2), stock.depthwise[1]);
  });

  it('differentiates a gather along any axis', () => {
    for (const axis of [0, 1, 2]) closeTo(gathered(axis), stock.gather[axis]);
  });

  it('differentiates a dilated convolution like the same kernel spread out with zeros', () => {
    const [y, dx, dw] = convolution({ title: '', input: [2, 9, 8, 2], kernel: [3, 3, 2, 2], dilation: 2 }, 70);
    tf.tidy(() => {
      const x = sample([2, 9, 8, 2], 70, undefined);
      const small = sample([3, 3, 2, 2], 80, 1);
      const spread = tf.buffer([5, 5, 2, 2]);
      const at = small.bufferSync();
      for (let r = 0; r < 3; r++)
        for (let s = 0; s < 3; s++)
          for (let i = 0; i < 2; i++) for (let o = 0; o < 2; o++) spread.set(at.get(r, s, i, o), 2 * r, 2 * s, i, o);
      const forward = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same');
      const filter = spread.toTensor();
      const reference = forward(x, filter);
      const [rx, rw] = tf.grads(forward)([x, filter], sample(reference.shape, 90, undefined));
      const taps = tf.stridedSlice(rw, [0, 0, 0, 0], [5, 5, 2, 2], [2, 2, 1, 1]);
      closeTo(
        [y, dx, dw],
        [reference, rx, taps].map((t) => Array.from(t.dataSync())),
      );
    });
  });

  it('trains a network to the same losses and leaks nothing', () => {
    const { losses, tensors } = training();
    expect(new Set(tensors.slice(1)).size).toBe(1);
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(stock.losses[i], 4);
    expect(losses[4]).toBeLessThan(losses[0]);
  });
});

it('wasm takes large inputs from another backend, which grows its heap while a kernel runs', async () => {
  await setBackend('cpu');
  const rows = 2 ** 22;
  const x = tf.tensor2d(new Float32Array(4 * rows).fill(1), [rows, 4]);
  const segments = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, row) => row % 2),
    'int32',
  );
  await setBackend('wasm');
  const sums = tf.unsortedSegmentSum(x, segments, 2);
  expect(Array.from(sums.dataSync())).toEqual(new Array(8).fill(rows / 2));
  tf.dispose([x, segments, sums]);
});
