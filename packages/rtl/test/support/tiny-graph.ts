import { type FixedGraph, graphBuilder } from '@sp/quant';
import { generator } from '../../src/vectors/random.ts';

/** A small network with all kinds of node of the digits and MNIST networks. */
export function tinyGraph(height = 11, width = 9, slots = 6): FixedGraph {
  const random = generator(3);
  const weights = (shape: number[], bits: number, f: number) => ({
    shape,
    codes: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.integer(-(2 ** bits), 2 ** bits)),
    f,
  });
  const g = graphBuilder('tiny');
  const act = { round: 'RND_CONV', overflow: 'SAT' } as const;
  const image = g.input('image', { shape: [height, width, 1], format: { k: 0, i: 0, f: 4 } });
  const list = g.reduce('reduce', image, { slots, threshold: 4 });
  const conv1 = g.sparseConv2d('conv1', list, { kernel: weights([3, 3, 1, 2], 4, 3), bias: weights([2], 4, 4) });
  const q1 = g.requantize('conv1_out', g.relu('conv1_relu', conv1), { to: { k: 0, i: 1, f: 4 }, ...act });
  const pool1 = g.sparsePool2d('pool1', q1, { mode: 'avg', pool: [2, 3] });
  const p1 = g.requantize('pool1_out', pool1, { to: { k: 0, i: 1, f: 5 }, round: 'RND', overflow: 'SAT' });
  const conv2 = g.sparseConv2d('conv2', p1, { kernel: weights([3, 3, 2, 2], 3, 3) });
  const q2 = g.requantize('conv2_out', conv2, { to: { k: 1, i: 2, f: 3 }, round: 'RND_ZERO', overflow: 'SAT_SYM' });
  const pool2 = g.sparsePool2d('pool2', q2, { mode: 'max', pool: [2, 2] });
  const flat = g.sparseFlatten('flatten', pool2);
  const fc = g.dense('fc', flat, { kernel: weights([flat.shape[0], 4], 4, 4), bias: weights([4], 4, 4) });
  const out = g.requantize('fc_out', fc, { to: { k: 1, i: 4, f: 3 }, round: 'TRN', overflow: 'WRAP' });
  return g.build([out, g.argmax('class', out)]);
}
