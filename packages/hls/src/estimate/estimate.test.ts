import { type GraphNode, graphBuilder } from '@sp/quant';
import { digitsGraph, generator } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../checks/check-plan.ts';
import type { HlsConfig } from '../config/config.ts';
import { plan } from '../plan/plan.ts';
import { fifo, memory } from './cost.ts';
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

  it('stores no more bits than a LUT or a block can hold', () => {
    const random = generator(17);
    for (let j = 0; j < 2000; j++) {
      const [depth, width] = [random.integer(1, 9000), random.integer(1, 200)];
      for (const { lut, bram, uram } of [fifo(depth, width, j % 2 === 0), { ...memory(depth, width), uram: 0 }]) {
        expect(lut * 64 + bram * 18_432 + uram * 294_912).toBeGreaterThanOrEqual(depth * width);
      }
    }
    expect(fifo(64, 16, true)).toMatchObject({ bram: 0, uram: 0 });
    expect(fifo(200, 16, true)).toMatchObject({ bram: 1, uram: 0 });
    expect(fifo(8192, 72, true)).toMatchObject({ bram: 0, uram: 2 });
    expect(fifo(8192, 72, false)).toMatchObject({ uram: 0 });
  });

  it('counts FIFOs beside skip connections, registers of whole values, and what the part has', () => {
    const g = graphBuilder('skip');
    const x = g.input('x', { shape: [96, 96, 8], format: { k: 1, i: 2, f: 5 } });
    const turned = g.transpose('turned', x, { perm: [1, 0, 2] });
    const graph = g.build([g.add('sum', x, turned)]);
    const streamed = (part: string) => estimate(plan(graph, { model: { ioType: 'io_stream', part } }));
    const alveo = streamed('xcu250-figd2104-2L-e');
    // The image waits until it is turned: 9,216 packets of 64 bits.
    expect(alveo.uram).toBe(3);
    expect(alveo.percent?.uram).toBeCloseTo(300 / 1280, 10);
    const zynq = streamed('xc7z020clg400-1');
    expect(zynq.uram).toBe(0);
    expect(zynq.bram * 18_432).toBeGreaterThanOrEqual(9216 * 64);
    // The stage that turns it has it twice in registers.
    expect(zynq.ff).toBeGreaterThanOrEqual(2 * 9216 * 64);
    expect(zynq.percent?.ff).toBeGreaterThan(100);
    expect(checkPlan(plan(graph, { model: { ioType: 'io_stream', part: 'xc7z020clg400-1' } }))).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        what: expect.stringMatching(/FF, more than the 106400 of xc7z020/),
      }),
    );
  });

  it('lets processes that pass packets run at the same time', () => {
    const g = graphBuilder('chain');
    let x: GraphNode = g.input('x', { shape: [64, 64, 2], format: { k: 0, i: 0, f: 8 } });
    const kernel = { shape: [3, 3, 2, 2], codes: Array.from({ length: 36 }, (_, j) => (j % 5) - 2), f: 2 };
    const pads = [
      [1, 1],
      [1, 1],
    ] as const;
    for (let j = 0; j < 4; j++) {
      const to = { k: 0, i: 0, f: 8 } as const;
      x = g.requantize(`q${j}`, g.conv2d(`c${j}`, x, { kernel, pads }), { to, round: 'RND', overflow: 'SAT' });
    }
    const { latency, interval } = estimate(plan(g.build([x]), { model: { ioType: 'io_stream' } }));
    // Each convolution waits for a row and two pixels, and each process takes a few cycles.
    expect(latency).toBeGreaterThan(interval + 4 * 66);
    expect(latency).toBeLessThan(interval + 4 * 130);
  });

  it('shows that a stream of pixels is small and slow', () => {
    const tree = of({ layerType: { reduce: { variant: 'tree' } } });
    const stream = of({ layerType: { reduce: { variant: 'stream' } } });
    expect(stream.interval).toBeGreaterThanOrEqual(784);
    expect(stream.lut).toBeLessThan(tree.lut);
  });
});
