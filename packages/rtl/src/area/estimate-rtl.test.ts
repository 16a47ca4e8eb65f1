import { digitsGraph } from '@sp/test-graphs';
import { expect, it } from 'vitest';
import { planRtl } from '../plan/plan-rtl.ts';
import { estimateRtl } from './estimate-rtl.ts';

/** LUTs that `synthesise` counted, with yosys 0.55: blocks of the digits network with an interval of 5. */
const MEASURED: Readonly<Record<string, number>> = {
  reduce_count: 67,
  reduce_row: 764,
  reduce: 855,
  conv1_sum: 708,
  conv1_out: 35,
  conv2_sum: 1227,
  conv2_out: 44,
};

it('estimates blocks of the digits network within 10 % of yosys in total, and none by more than 40 %', () => {
  const { blocks } = estimateRtl(planRtl(digitsGraph(24), { interval: 5 }));
  let [estimated, measured] = [0, 0];
  for (const { module, instances, area } of blocks) {
    const luts = MEASURED[module];
    if (luts === undefined) continue;
    estimated += area.lut * instances;
    measured += luts * instances;
    expect(Math.abs(area.lut / luts - 1), module).toBeLessThan(0.4);
  }
  expect(measured).toBeGreaterThan(15_000);
  expect(Math.abs(estimated / measured - 1)).toBeLessThan(0.1);
});
