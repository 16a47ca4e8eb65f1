import { graphBuilder } from '@sp/quant';
import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import type { HlsConfig } from '../config/config.ts';
import { plan } from '../plan/plan.ts';
import { estimate } from './estimate.ts';

const graph = digitsGraph();
const of = (config: HlsConfig = {}) => estimate(plan(graph, config));

describe('estimate', () => {
  it('is bound by the reduction when all is parallel', () => {
    const all = of({ layerType: { reduce: { variant: 'tree' } } });
    expect(all.interval).toBe(all.nodes.find(({ node }) => node === 'reduce')?.interval);
    expect(all.latency).toBeGreaterThan(all.interval);
    expect(all.latencyNs).toBe(all.latency * 5);
  });

  it('trades multipliers for cycles with every factor', () => {
    const pairs: HlsConfig = {
      layerType: {
        sparseConv2d: { convArchitecture: 'pairs' },
        reduce: { variant: 'tree' },
        dense: { strategy: 'latency' },
      },
    };
    const all = of(pairs);
    const configs: HlsConfig[] = [
      { layerName: { dense1: { strategy: 'resource', reuseFactor: 28 } } },
      { layerName: { conv2: { pixelParallelFactor: 4 } } },
      { layerName: { conv2: { filtParallelFactor: 1 } } },
    ];
    for (const config of configs) {
      const fewer = of({ ...pairs, ...config });
      expect(fewer.multipliers).toBeLessThan(all.multipliers);
      expect(fewer.lut).toBeLessThan(all.lut);
      expect(fewer.latency).toBeGreaterThan(all.latency);
    }
  });

  it('says how far to trust itself', () => {
    const { lut, latency, dsp, ranges, note, ff, bram } = of();
    expect(ranges.lut.low).toBeLessThan(lut);
    expect(ranges.lut.high).toBeGreaterThan(lut);
    expect(ranges.latency.low).toBeLessThan(latency);
    expect(ranges.dsp).toEqual({ low: Math.round(dsp * 0.8), high: Math.round(dsp * 1.3) });
    expect(ff).toBeGreaterThan(0);
    expect(bram).toBe(0);
    expect(note).toMatch(/never been compared with a synthesis report/);
  });

  it('counts the memories that are emitted', () => {
    const g = graphBuilder('memories');
    const x = g.input('x', { shape: [40, 200, 4], format: { k: 0, i: 0, f: 8 } });
    const codes = (count: number) => Array.from({ length: count }, (_, j) => ((j * 7919) % 15) - 7);
    const conv = g.conv2d('conv', x, { kernel: { shape: [3, 3, 4, 2], codes: codes(72), f: 0 } });
    const image = g.build([conv]);
    const streamed = estimate(plan(image, { model: { ioType: 'io_stream' } }));
    // Three rows of 200 pixels of 32 bits: a block of 512 words of 36 bits each.
    expect(streamed.bram).toBe(3);
    const h = graphBuilder('weights');
    const v = h.input('v', { shape: [512], format: { k: 0, i: 0, f: 8 } });
    const dense = h.build([h.dense('y', v, { kernel: { shape: [512, 8], codes: codes(4096), f: 0 } })]);
    const reused = (reuseFactor: number) => estimate(plan(dense, { model: { strategy: 'resource', reuseFactor } }));
    // Eight multipliers, each with 512 weights of 4 bits; or 64 with 64, 4 LUTs each.
    expect(reused(512).bram).toBe(8);
    expect(reused(64).bram).toBe(0);
    const t = graphBuilder('tables');
    const s = t.input('s', { shape: [6], format: { k: 0, i: 0, f: 11 } });
    const table = { from: { k: 0, i: 0, f: 11 } as const, codes: Array.from({ length: 2048 }, (_, j) => j % 250) };
    // Three pairs of readers, 2,048 words of 8 bits: a block each.
    expect(estimate(plan(t.build([t.lut('y', s, { tables: [table], f: 0 })]))).bram).toBe(3);
  });

  it('shows that a stream of pixels is small and slow', () => {
    const tree = of({ layerType: { reduce: { variant: 'tree' } } });
    const stream = of({ layerType: { reduce: { variant: 'stream' } } });
    expect(stream.interval).toBeGreaterThanOrEqual(784);
    expect(stream.lut).toBeLessThan(tree.lut);
  });
});
