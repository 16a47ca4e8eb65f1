/** The digits network, measured: what the documentation says about it. */
import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { estimateRtl, planRtl, type Resources, synthesise } from '../src/index.ts';

/** Totals by yosys 0.55 for intervals 1 and 5. */
const GOLDEN: readonly (readonly [interval: number, Pick<Resources, 'lut' | 'srl' | 'ff' | 'dsp'>])[] = [
  [1, { lut: 185_270, srl: 489, ff: 66_872, dsp: 0 }],
  [5, { lut: 76_268, srl: 5, ff: 31_203, dsp: 0 }],
];

describe.each(GOLDEN)('the digits network with interval %i', (interval, golden) => {
  it('takes within 3 % of what it took, and within 10 % of the estimate', async () => {
    const plan = planRtl(digitsGraph(24), { interval });
    const { total, blocks } = await synthesise(plan);
    expect(Math.abs(total.lut / golden.lut - 1)).toBeLessThan(0.03);
    expect(Math.abs(total.ff / golden.ff - 1)).toBeLessThan(0.03);
    expect(total.srl).toBe(golden.srl);
    expect(total.dsp).toBe(golden.dsp);
    // The model of delay is a plan: the mapper may take up to two levels more.
    expect(blocks.filter(({ levels }) => levels > plan.options.levelsPerStage + 2)).toEqual([]);
    const estimate = estimateRtl(plan).total;
    expect(Math.abs((estimate.lut + estimate.srl) / (total.lut + total.srl) - 1)).toBeLessThan(0.1);
  });
});
