import { digitsGraph } from '@sp/test-graphs';
import { expect, it } from 'vitest';
import { planRtl } from '../plan/plan-rtl.ts';
import { estimateRtl } from './estimate-rtl.ts';

/** LUTs that `synthesise` counted, with yosys 0.55: the digits network with an interval of 5. */
const MEASURED: Readonly<Record<string, number>> = {
  reduce_count: 67,
  reduce_row: 797,
  reduce: 927,
  conv1_gather: 5498,
  conv1_sum: 691,
  conv1_out: 35,
  pool1: 6233,
  conv2_gather: 7400,
  conv2_sum: 1209,
  conv2_out: 48,
  pool2: 9031,
  flatten: 12950,
  dense1: 17699,
  dense1_out: 288,
  dense2: 848,
  dense2_out: 225,
};

it('estimates blocks of the digits network within 5 % of yosys in total, and none of more than 500 LUTs by more than 25 %', () => {
  const { blocks } = estimateRtl(planRtl(digitsGraph(24), { interval: 5 }));
  let [estimated, measured] = [0, 0];
  for (const { module, instances, area } of blocks) {
    const luts = MEASURED[module];
    if (luts === undefined) continue;
    estimated += area.lut * instances;
    measured += luts * instances;
    if (luts > 500) expect(Math.abs(area.lut / luts - 1), module).toBeLessThan(0.25);
  }
  expect(measured).toBeGreaterThan(76_000);
  expect(Math.abs(estimated / measured - 1)).toBeLessThan(0.05);
});
