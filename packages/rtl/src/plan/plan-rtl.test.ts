import { describe, expect, it } from 'vitest';
import { tinyGraph } from '../../test/support/tiny-graph.ts';
import { clockCheck, compareRtl, planRtl, testImages } from '../index.ts';

describe('planRtl', () => {
  it.each([1, 2, 3, 5, 8, 16])('equals the interpreter in every node and clock with interval %i', (interval) => {
    const graph = tinyGraph();
    const plan = planRtl(graph, { interval, levelsPerStage: 3 + (interval % 4) });
    const { mismatches, onTime, compared, rows } = compareRtl(plan, testImages(graph, 40), {
      inputs: 'codes',
      gaps: [0, 0, 1, 4],
    });
    expect(rows.filter((row) => row.mismatches > 0)).toEqual([]);
    expect(mismatches).toBe(0);
    expect(compared).toBeGreaterThan(10_000);
    expect(onTime).toBe(true);
  });

  it.each([
    { conv1: { convArchitecture: 'gather' }, conv2: { convArchitecture: 'pairs' }, fc: { hardware: 'shared' } },
    { conv1: { convArchitecture: 'pairs' }, conv2: { convArchitecture: 'gather' }, fc: { hardware: 'parallel' } },
    { conv1: { hardware: 'parallel' } },
  ] as const)('equals the interpreter with %j', (layers) => {
    const graph = tinyGraph();
    for (const interval of [2, 5]) {
      const plan = planRtl(graph, { interval, layers });
      const { mismatches, onTime } = compareRtl(plan, testImages(graph, 30), { inputs: 'codes', gaps: [0, 2, 0] });
      expect({ mismatches, onTime }).toEqual({ mismatches: 0, onTime: true });
    }
  });

  it('takes fewer clocks with more levels per stage', () => {
    const [slow, fast] = [3, 8].map((levelsPerStage) => planRtl(tinyGraph(), { levelsPerStage }).latency);
    expect(fast).toBeLessThan(slow);
  });

  it('says when the clock leaves a level less time than the plan counts on', () => {
    const plan = (levelsPerStage: number, clockPeriod: number) =>
      planRtl(tinyGraph(7, 6, 3), { levelsPerStage, clockPeriod });
    expect(clockCheck(plan(5, 5))).toBeUndefined();
    expect(clockCheck(plan(8, 5))).toBe(
      '8 LUT levels in a clock of 5 ns leave 0.63 ns for each, where the plan counts on 1: a clock of 8 ns, or fewer levels per stage, is safer',
    );
    expect(clockCheck(plan(5, 5), 6)).toMatch(/^6 LUT levels .* a clock of 6 ns/);
  });

  it('is deterministic', () => {
    expect(planRtl(tinyGraph(), { interval: 3 })).toEqual(planRtl(tinyGraph(), { interval: 3 }));
  });

  it.each([
    [{ interval: 0 }, /interval is 0; use a whole number from 1 to 64/],
    [{ levelsPerStage: 2 }, /levelsPerStage is 2; use a whole number from 3 to 16/],
    [{ clockPeriod: Number.NaN }, /clockPeriod is NaN/],
    [{ part: '' }, /part is empty/],
    [{ II: 1 } as object, /unknown option "II"; options are interval/],
    [{ layers: { conv9: {} } }, /"conv9" is no node; nodes are image, reduce/],
    [
      { layers: { conv1: { hardware: 'folded' as 'shared' } } },
      /hardware of "conv1" is "folded"; use shared or parallel/,
    ],
  ])('refuses %j', (options, message) => {
    expect(() => planRtl(tinyGraph(), options)).toThrow(message);
  });
});
