import { graphBuilder } from '@sp/quant';
import { generator } from '@sp/test-graphs';
import { expect, it } from 'vitest';
import type { LayerOptions } from '../config/config.ts';
import { planContexts } from '../plan/contexts.ts';
import { plan } from '../plan/plan.ts';
import { kernelOf } from './registry.ts';

const random = generator(7);
const weights = (shape: number[]) => ({
  shape,
  codes: Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => random.integer(-7, 7)),
  f: 3,
});

/** Every kind of node that has factors. */
function network() {
  const g = graphBuilder('all');
  const format = { k: 0, i: 1, f: 3 } as const;
  const cut = (name: string, x: Parameters<typeof g.relu>[1]) =>
    g.requantize(name, x, { to: { k: 1, i: 2, f: 3 }, round: 'RND', overflow: 'SAT' });
  const list = g.reduce('reduce', g.input('image', { shape: [8, 6, 2], format }), { slots: 12, threshold: 3 });
  const conv = cut('q1', g.sparseConv2d('conv', list, { kernel: weights([3, 3, 2, 6]) }));
  const flat = g.sparseFlatten('flat', cut('q2', g.sparsePool2d('cells', conv, { mode: 'avg', pool: [2, 1] })));
  const dense = cut(
    'q3',
    g.conv2d('plain', g.reshape('image2', flat, { shape: [4, 6, 6] }), { kernel: weights([1, 1, 6, 4]) }),
  );
  const pooled = g.pool2d('pool', dense, { mode: 'max', pool: [2, 2], strides: [2, 2] });
  const rows = g.reshape('rows', pooled, { shape: [6, 4] });
  const product = g.einsum('product', rows, rows, { equation: 'ij,kj->ik' });
  return g.build([g.dense('end', cut('q4', g.flatten('vector', product)), { kernel: weights([36, 5]) })]);
}

it.each(['io_parallel', 'io_stream'] as const)('are what plan takes and all that it takes, with %s', (ioType) => {
  const graph = network();
  const planned = (node: string, options: LayerOptions) => () =>
    plan(graph, { model: { ioType, strategy: 'resource' }, layerName: { [node]: options } });
  const kinds = new Set<string>();
  for (const context of planContexts(plan(graph, { model: { ioType } }))) {
    const { name, op } = context.node;
    for (const [option, values] of Object.entries(kernelOf(context.node).factors?.(context) ?? {})) {
      kinds.add(`${op} ${option}`);
      for (let value = 1; value <= values[values.length - 1] + 1; value++) {
        const make = planned(name, { [option]: value });
        if (values.includes(value)) expect(make, `${name}: ${option} ${value}`).not.toThrow();
        else expect(make, `${name}: ${option} ${value}`).toThrow(/legal|exceeds|illegal/);
      }
    }
  }
  const always = ['conv2d reuseFactor', 'dense reuseFactor', 'einsum parallelizationFactor'];
  const lists = ['sparseConv2d', 'sparsePool2d'].map((op) => `${op} pixelParallelFactor`);
  const others = ['sparseConv2d filtParallelFactor', 'sparseFlatten parallelFactor', 'sparsePool2d chanParallelFactor'];
  const whole = ioType === 'io_stream' ? [] : ['conv2d parallelizationFactor', 'pool2d parallelizationFactor'];
  expect([...kinds].sort()).toEqual([...always, ...lists, ...others, ...whole].sort());
});
