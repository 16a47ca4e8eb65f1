import { describe, expect, it } from 'vitest';
import { digitsGraph } from '../../test/support/digits-graph.ts';
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

  it('shows that a stream of pixels is small and slow', () => {
    const tree = of({ layerType: { reduce: { variant: 'tree' } } });
    const stream = of({ layerType: { reduce: { variant: 'stream' } } });
    expect(stream.interval).toBeGreaterThanOrEqual(784);
    expect(stream.lut).toBeLessThan(tree.lut);
  });
});
