import { describe, expect, it } from 'vitest';
import { graphBuilder } from '../graph/builder.ts';
import { interpret } from '../interpret/interpret.ts';
import { graphStatistics } from './graph-statistics.ts';

describe('graphStatistics', () => {
  const g = graphBuilder('stats');
  const x = g.input('x', { shape: [3, 3, 1], format: { k: 0, i: 1, f: 2 }, overflow: 'SAT' });
  const list = g.reduce('list', x, { slots: 4, threshold: 0 });
  const conv = g.sparseConv2d('conv', list, {
    kernel: { shape: [1, 1, 1, 3], codes: [3, 0, -4], f: 1 },
    layer: 'conv',
  });
  const pool = g.sparsePool2d('pool', conv, { mode: 'avg', pool: [3, 3] });
  const cast = g.requantize('cast', pool, { to: { k: 1, i: 0, f: 3 }, overflow: 'SAT' });
  const graph = g.build([cast]);

  it('counts bits, zero widths, multiplications and ranges', () => {
    const stats = graphStatistics(graph);
    expect(stats[2]).toEqual({
      name: 'conv',
      op: 'sparseConv2d',
      layer: 'conv',
      elements: 12,
      // 3·7 in 5 bits, nothing, −4·7 in 6.
      bits: { min: 0, max: 6, total: 4 * 11 },
      zeroWidth: 4,
      range: { min: -3.5, max: 2.625 },
      weights: { count: 3, nonZero: 2 },
      multiplications: 8,
      shifts: 4,
    });
    expect(stats[3].range).toEqual({ min: (-3.5 * 4) / 9, max: (2.625 * 4) / 9 });
  });

  it('reports what an interpretation saw and cut', () => {
    const run = interpret(graph, [1.75, 0, 9, 0, 1.75, 0, 0, 0, 1.75], { taps: 'all', countOverflow: true });
    const stats = graphStatistics(graph, run);
    expect(stats[0]).toMatchObject({ overflow: 1, seen: { min: 0, max: 1.75 } });
    expect(stats[4]).toMatchObject({ overflow: 2, seen: { min: -1, max: 0.875 } });
  });
});
