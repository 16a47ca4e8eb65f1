import { describe, expect, it } from 'vitest';
import { addersOf, lateValid, withCell } from '../../test/support/broken.ts';
import { tinyGraph } from '../../test/support/tiny-graph.ts';
import { compareRtl, planRtl, type RtlPlan, testImages } from '../index.ts';

const graph = tinyGraph();
const images = testImages(graph, 20);
const check = (plan: RtlPlan) => compareRtl(plan, images, { inputs: 'codes' });

describe('compareRtl finds', () => {
  const plan = planRtl(graph, { interval: 4 });

  it('nothing in what is right', () => {
    expect(check(plan)).toMatchObject({ mismatches: 0, onTime: true });
  });

  it('an adder with the wrong sign, whichever it is', () => {
    const adders = addersOf(plan, 'conv1_sum');
    expect(adders.length).toBeGreaterThan(10);
    for (const id of adders) {
      const broken = withCell(plan, 'conv1_sum', id, (cell) =>
        cell.op === 'add' ? { ...cell, op: 'sub' } : cell.op === 'sub' ? { ...cell, op: 'add' } : cell,
      );
      const { rows, mismatches } = check(broken);
      expect(mismatches).toBeGreaterThan(0);
      expect(rows.find((row) => row.mismatches > 0)?.node).toBe('conv1');
    }
  });

  it('a counter that is one bit too narrow', () => {
    const { cells } = plan.design.modules.find(({ name }) => name === 'reduce')!;
    const id = cells.findIndex(({ name }) => name === 'seen');
    expect(cells[id]).toMatchObject({ op: 'reg', width: 7 });
    for (const width of [2, 3]) {
      const { rows } = check(withCell(plan, 'reduce', id, (cell) => ({ ...cell, width })));
      expect(rows.find((row) => row.mismatches > 0)?.node).toBe('reduce');
    }
  });

  it('results that are announced a clock late', () => {
    const { onTime, rows } = check(lateValid(plan));
    expect(onTime).toBe(false);
    // With an interval above 1 the results still stand; with 1 they are those of the next image.
    expect(rows.every((row) => row.mismatches === 0)).toBe(true);
    expect(check(lateValid(planRtl(graph, { interval: 1 }))).mismatches).toBeGreaterThan(0);
  });
});
