import { graphBuilder } from '@sp/quant';
import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import type { HlsConfig, NamedLayerOptions } from '../config/config.ts';
import { plan } from '../plan/plan.ts';
import { checkPlan, countFindings } from './check-plan.ts';

const graph = digitsGraph();
const findings = (config: HlsConfig = {}) => checkPlan(plan(graph, config));

describe('checkPlan', () => {
  it('finds nothing in the default plan, for either tool', () => {
    expect(findings()).toEqual([]);
    expect(findings({ model: { backend: 'Vivado' } })).toEqual([]);
    expect(findings({ model: { ioType: 'io_stream' } })).toEqual([]);
  });

  it('finds too many weights in one array for Vivado HLS, and what helps helps', () => {
    const vivado = (dense1: NamedLayerOptions) => findings({ model: { backend: 'Vivado' }, layerName: { dense1 } });
    const found = vivado({ strategy: 'latency' });
    expect(found).toEqual([
      {
        node: 'dense1',
        severity: 'error',
        what: expect.stringMatching(/^its weights: 4704 elements in one array, more than the 4096 that Vivado HLS/),
        remedy: expect.stringContaining('reuse factor'),
      },
    ]);
    expect(countFindings(found)).toBe('1 error, 0 warnings');
    expect(vivado({ reuseFactor: 4 })).toEqual([]);
    expect(vivado({ strategy: 'distributed_arithmetic' })).toEqual([]);
    // Vitis HLS has no such limit.
    expect(findings({ layerName: { dense1: { strategy: 'latency' } } })).toEqual([]);
  });

  it('judges a stream by what is emitted for it, not by the whole image', () => {
    const g = graphBuilder('wide');
    const x = g.input('x', { shape: [64, 64, 8], format: { k: 0, i: 0, f: 8 } });
    const conv = g.conv2d('conv', x, { kernel: { shape: [3, 3, 8, 4], codes: new Array(288).fill(3), f: 0 } });
    const wide = g.build([g.relu('y', conv)]);
    expect(checkPlan(plan(wide, { model: { ioType: 'io_stream' } }))).toEqual([]);
    expect(checkPlan(plan(wide, { model: { ioType: 'io_stream', backend: 'Vivado' } }))).toEqual([]);
    const parallel = checkPlan(plan(wide, { model: { backend: 'Vivado' } }));
    expect(parallel.map(({ node, severity }) => `${node} ${severity}`)).toContain('x error');
    // A stage that wants whole values has them as arrays.
    const flipped = g.build([g.transpose('t', conv, { perm: [1, 0, 2] })]);
    expect(checkPlan(plan(flipped, { model: { ioType: 'io_stream', backend: 'Vivado' } }))).toMatchObject([
      { node: 't', severity: 'error', what: expect.stringMatching(/^a value in its stage, which wants whole values/) },
    ]);
  });

  it('warns of what the part does not have', () => {
    const small = findings({ model: { part: 'xc7z020clg400-1' } });
    expect(small).toMatchObject([
      { node: 'digits', severity: 'warning', what: expect.stringMatching(/LUT, more than the 53200 of xc7z020/) },
    ]);
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
      'x warning',
      'x error',
      'conv warning',
      'lut warning',
      'large warning',
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
