import { type FixedGraph, graphBuilder } from '@sp/quant';
import { generator } from './random.ts';

/** A network like the digits example, with random weights: two sparse convolutions, two average poolings, two dense layers. */
export function digitsGraph(slots = 24): FixedGraph {
  const random = generator(7);
  const weights = (shape: number[], f: number, bits: number) => ({
    shape,
    codes: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      random.integer(-(2 ** (bits - 1)) + 1, 2 ** (bits - 1) - 1),
    ),
    f,
  });
  const g = graphBuilder('digits');
  const act = { round: 'RND_CONV', overflow: 'SAT' } as const;
  const image = g.input('image', { shape: [28, 28, 1], format: { k: 0, i: 0, f: 4 }, round: 'RND', overflow: 'SAT' });
  const list = g.reduce('reduce', image, { slots, threshold: 6 });
  const conv1 = g.sparseConv2d('conv1', list, {
    kernel: weights([5, 5, 1, 4], 3, 5),
    bias: weights([4], 4, 4),
    layer: 'conv1',
  });
  const relu1 = g.relu('conv1_relu', conv1, { layer: 'conv1' });
  const q1 = g.requantize('conv1_out', relu1, {
    to: { shape: [1, 1, 4], k: [0, 0, 0, 0], i: [1, 2, 0, 1], f: [4, 3, 5, 4] },
    ...act,
    layer: 'conv1',
  });
  const pool1 = g.sparsePool2d('pool1', q1, { mode: 'avg', pool: [2, 2] });
  const p1 = g.requantize('pool1_out', pool1, {
    to: { k: 0, i: 2, f: 4 },
    round: 'TRN',
    overflow: 'WRAP',
    layer: 'pool1',
  });
  const conv2 = g.sparseConv2d('conv2', p1, {
    kernel: weights([3, 3, 4, 4], 3, 5),
    bias: weights([4], 4, 4),
    layer: 'conv2',
  });
  const relu2 = g.relu('conv2_relu', conv2, { layer: 'conv2' });
  const q2 = g.requantize('conv2_out', relu2, { to: { k: 0, i: 2, f: 4 }, ...act, layer: 'conv2' });
  const pool2 = g.sparsePool2d('pool2', q2, { mode: 'avg', pool: [2, 2] });
  const p2 = g.requantize('pool2_out', pool2, {
    to: { k: 0, i: 2, f: 4 },
    round: 'TRN',
    overflow: 'WRAP',
    layer: 'pool2',
  });
  const flat = g.sparseFlatten('flatten', p2);
  const fc1 = g.dense('dense1', flat, { kernel: weights([196, 24], 4, 5), bias: weights([24], 4, 5), layer: 'dense1' });
  const fr = g.relu('dense1_relu', fc1, { layer: 'dense1' });
  const fq = g.requantize('dense1_out', fr, { to: { k: 0, i: 3, f: 3 }, ...act, layer: 'dense1' });
  const fc2 = g.dense('dense2', fq, { kernel: weights([24, 10], 4, 5), bias: weights([10], 4, 5), layer: 'dense2' });
  const out = g.requantize('dense2_out', fc2, { to: { k: 1, i: 5, f: 4 }, ...act, layer: 'dense2' });
  return g.build([out]);
}

/** Images of `count` × 28 × 28 reals with some of the pixels active, a few all empty. */
export function digitsImages(count: number, seed = 1): Float64Array {
  const random = generator(seed);
  const images = new Float64Array(count * 784);
  for (let b = 0; b < count; b++) {
    const active = b % 10 === 9 ? 0 : random.integer(5, 40);
    for (let a = 0; a < active; a++) images[b * 784 + random.integer(0, 783)] = random.integer(0, 16) / 16;
  }
  return images;
}
