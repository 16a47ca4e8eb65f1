import { type FixedGraph, graphBuilder } from '@sp/quant';

/** A network with a reduction, a sparse convolution, a pool, a cast and a dense layer. */
export function smallGraph(): FixedGraph {
  const g = graphBuilder('small');
  const x = g.input('x', { shape: [6, 6, 1], format: { k: 0, i: 1, f: 7 } });
  const list = g.reduce('list', x, { slots: 5, threshold: 51 });
  const kernel = { shape: [3, 3, 1, 2], codes: [1, 0, 2, 0, -3, 0, 4, 0, 5, 0, -6, 0, 7, 0, 8, 0, -9, 0], f: 3 };
  const conv = g.sparseConv2d('conv', list, { kernel, bias: { shape: [2], codes: [-5, 9], f: 4 } });
  const pool = g.sparsePool2d('pool', g.relu('relu', conv), { mode: 'avg', pool: [3, 3] });
  const cast = g.requantize('cast', pool, { to: { k: 0, i: 2, f: 4 }, round: 'RND' });
  const flat = g.sparseFlatten('flat', cast);
  return g.build([g.dense('fc', flat, { kernel: { shape: [8, 1], codes: [1, 1, 2, 3, 0, -4, 1, 1], f: 2 } })]);
}
