import { graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { profile, profileTable } from './profile.ts';

describe('profile', () => {
  const g = graphBuilder('ranges');
  const x = g.input('x', { shape: [2], format: { k: 1, i: 4, f: 2 }, round: 'RND', overflow: 'SAT' });
  const cut = g.requantize('cut', x, { to: { k: 1, i: 1, f: 2 }, overflow: 'SAT', layer: 'a' });
  const graph = g.build([cut]);
  const rows = profile(graph, [0, 0.5, -2, 1, 3.75, 100]);

  it('compares values with types', () => {
    expect(rows[0]).toMatchObject({
      node: 'x',
      layer: 'x',
      typeLow: -16,
      typeHigh: 15.75,
      typeStep: 0.25,
      low: -2,
      high: 15.75,
      overflows: 1,
      unusedBits: 0,
    });
    expect(rows[1]).toMatchObject({ node: 'cut', layer: 'a', low: -2, high: 1.75, overflows: 2 });
    expect(rows[0].zeros).toBeCloseTo(1 / 6);
  });

  it('counts integer bits that no value needs', () => {
    expect(profile(graph, [0.5, -2])[0].unusedBits).toBe(3);
    expect(profile(graph, [0.5, -1])[0].unusedBits).toBe(4);
    expect(profile(graph, [0, 0])[0].quartiles[1]).toBeNaN();
  });

  it('prints', () => {
    expect(profileTable(rows)).toMatch(/x +x +-16 … 15.75 \/ 0.25 +-2 … 15.75/);
  });
});
