import { graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { digitsGraph } from '../../test/support/digits-graph.ts';
import type { HlsConfig } from '../config/config.ts';
import { plan } from '../plan/plan.ts';
import { checkPlan } from './check-plan.ts';

const graph = digitsGraph();
const findings = (config: HlsConfig = {}) => checkPlan(plan(graph, config));

describe('checkPlan', () => {
  it('finds too many weights in one array, and what helps helps', () => {
    expect(findings()).toEqual([
      {
        node: 'dense1',
        severity: 'error',
        what: '4704 weights in one array, more than the 4096 that can be partitioned',
        remedy: expect.stringContaining('reuse factor'),
      },
    ]);
    expect(findings({ layerName: { dense1: { reuseFactor: 4 } } })).toEqual([]);
    expect(findings({ layerName: { dense1: { strategy: 'distributed_arithmetic' } } })).toEqual([]);
  });

  it('finds large images, wide words, unrolled products and tables', () => {
    const g = graphBuilder('large');
    const x = g.input('x', { shape: [80, 80, 1], format: { k: 0, i: 0, f: 12 } });
    const list = g.reduce('reduce', x, { slots: 100, threshold: 1 });
    const conv = g.sparseConv2d('conv', list, { kernel: { shape: [3, 3, 1, 2], codes: new Array(18).fill(3), f: 0 } });
    const cut = g.requantize('cut', conv, { to: { k: 0, i: 10, f: 3 } });
    const table = { from: { k: 0, i: 10, f: 3 } as const, codes: Array.from({ length: 2 ** 13 }, (_, j) => j % 7) };
    const large = g.build([g.lut('lut', cut, { tables: [table], f: 0 })]);
    const found = checkPlan(plan(large, { layerName: { conv: { convArchitecture: 'pairs' } } }));
    expect(found.map(({ node, severity }) => `${node} ${severity}`)).toEqual([
      'x error',
      'x error',
      'conv warning',
      'lut warning',
    ]);
    expect(found[2].what).toMatch(/20000 products/);
    expect(found[2].remedy).toMatch(/fewer slots/);
  });

  it('finds packets that are too wide', () => {
    const g = graphBuilder('vector');
    const x = g.input('x', { shape: [300], format: { k: 1, i: 7, f: 8 } });
    const wide = g.build([g.relu('y', x)]);
    expect(checkPlan(plan(wide, { model: { ioType: 'io_stream' } }))).toMatchObject([
      { node: 'x', severity: 'error', what: 'a packet of 4800 bits, more than 4096' },
      { node: 'y', severity: 'error', what: 'a packet of 4500 bits, more than 4096' },
    ]);
    expect(checkPlan(plan(wide))).toEqual([]);
  });
});
