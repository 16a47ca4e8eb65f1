import { graphBuilder, type Weights } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { estimate } from '../estimate/estimate.ts';
import { plan } from '../plan/plan.ts';
import { savedWork } from './saved-work.ts';

const codes = Array.from({ length: 64 }, (_, j) => ((j * 37) % 255) - 127 || 5);

/** A dense layer of wide numbers, 8 to 8, behind a sparse convolution of 3 × 3. */
function network(dense: readonly number[], conv: readonly number[]) {
  const g = graphBuilder('net');
  const x = g.input('x', { shape: [4, 4, 1], format: { k: 0, i: 2, f: 10 } });
  const kernel = (shape: readonly number[], list: readonly number[]): Weights => ({ shape, codes: list, f: 6 });
  const list = g.reduce('reduce', x, { slots: 2, threshold: 0 });
  const features = g.sparseConv2d('conv', list, { kernel: kernel([3, 3, 1, 4], conv) });
  const pooled = g.sparsePool2d('pool', features, { mode: 'avg', pool: [4, 4] });
  const flat = g.requantize('cut', g.sparseFlatten('flat', pooled), { to: { k: 1, i: 4, f: 8 } });
  const wide = g.dense('dense', flat, { kernel: kernel([4, 16], dense.slice(0, 64)) });
  return g.build([wide]);
}

const half = (list: readonly number[]): number[] =>
  // By outputs: what four uses of one multiplier take is one column of 4.
  list.map((code, p) => (p % 2 === 0 ? 0 : code));

describe('savedWork', () => {
  const conv = codes.slice(0, 36);
  const dense = network(codes, conv);
  const pruned = network(
    half(codes),
    conv.map((code, j) => (j % 3 === 0 ? 0 : code)),
  );

  it('counts the multipliers that zeros leave out, as the estimate does', () => {
    const config = { model: { strategy: 'resource_unrolled', reuseFactor: 4 } } as const;
    const [before, after] = [dense, pruned].map((graph) => plan(graph, config));
    const [, wide] = savedWork(after);
    expect(wide).toMatchObject({
      node: 'dense',
      weights: 64,
      zeros: 32,
      multipliers: 8,
      leftOut: 8,
      remedy: undefined,
    });
    expect(savedWork(before)[1]).toMatchObject({ zeros: 0, multipliers: 16, leftOut: 0 });
    expect(estimate(before).dsp).toBe(2 * estimate(after).dsp);
    expect(savedWork(after).reduce((sum, { dsp }) => sum + dsp, 0)).toBe(estimate(after).dsp);
  });

  it('counts adders of shared graphs, fewer with zeros and with equal weights', () => {
    const config = { model: { strategy: 'distributed_arithmetic', convArchitecture: 'gather' } } as const;
    const shared = network(
      codes.map((_, j) => 45 + 2 * (j % 2)),
      conv.map(() => 9),
    );
    const adders = [dense, pruned, shared].map((graph) =>
      savedWork(plan(graph, config)).map((row) => Number(row.adders)),
    );
    for (const layer of [0, 1]) {
      expect(adders[1][layer]).toBeLessThan(adders[0][layer]);
      expect(adders[2][layer]).toBeLessThan(adders[1][layer]);
    }
    expect(savedWork(plan(shared, config)).map(({ distinct }) => distinct)).toEqual([1, 2]);
  });

  it('says where zeros save nothing, and what would', () => {
    const config = { model: { strategy: 'resource', reuseFactor: 4, convArchitecture: 'pairs' } } as const;
    const found = savedWork(plan(pruned, config));
    expect(found.map(({ remedy }) => remedy)).toEqual([
      'weights are chosen at run time: gather is made of adders, fewer with more zeros',
      'reused multipliers are all built: resource_unrolled leaves those out whose weights are all 0',
    ]);
    expect(found[1]).toMatchObject({ multipliers: 16, leftOut: undefined });
    expect(savedWork(plan(dense, config)).map(({ remedy }) => remedy)).toEqual([undefined, undefined]);
  });
});
