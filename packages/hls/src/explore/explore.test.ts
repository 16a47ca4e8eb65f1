import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { plan } from '../plan/plan.ts';
import { explore, pickPlan } from './explore.ts';
import { exploreTable } from './explore-table.ts';

const graph = digitsGraph();

describe('explore', () => {
  const plans = explore(graph);

  it('finds plans from fast to small, of both I/O types, and says which are dominated', () => {
    const best = plans.filter(({ dominatedBy }) => dominatedBy === undefined);
    expect(best.length).toBeGreaterThan(8);
    expect(new Set(plans.map(({ plan: { settings } }) => settings.ioType))).toEqual(
      new Set(['io_parallel', 'io_stream']),
    );
    const luts = plans.map(({ estimate }) => estimate.lut);
    expect(Math.max(...luts) / Math.min(...luts)).toBeGreaterThan(3);
    for (const { estimate: a } of best) {
      for (const { estimate: b } of best) {
        const less = (['latency', 'interval', 'lut', 'ff', 'dsp', 'bram'] as const).map((key) =>
          Math.sign(a[key] - b[key]),
        );
        expect(less.some((sign) => sign > 0) || less.every((sign) => sign === 0)).toBe(true);
      }
    }
    expect(exploreTable(plans)).toMatch(/^plan +latency[\s\S]*\ndefault +\d+ +\d+ +\d+ .*% of LUTs|default/);
  });

  it('does not find the default dominated', () => {
    expect(plans.find(({ name }) => name === 'default')?.dominatedBy).toBeUndefined();
  });

  it('gives configurations that make the same plans', () => {
    for (const one of plans) expect(plan(graph, one.config)).toEqual(one.plan);
  });

  it('picks the smallest within limits, or says which comes nearest', () => {
    const picked = pickPlan(plans, { latency: 200, lut: 300_000 });
    expect(picked.estimate.latency).toBeLessThanOrEqual(200);
    expect(picked.estimate.lut).toBeLessThanOrEqual(300_000);
    expect(() => pickPlan(plans, { latency: 60, lut: 1000 })).toThrow(
      /no plan has latency <= 60, lut <= 1000; the nearest is ".*" with latency \d+, lut \d+/,
    );
  });
});
