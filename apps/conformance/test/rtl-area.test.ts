/**
 * Area of a published MNIST network (8 bit, n = 20) as yosys counts it, by the totals of docs/guides/what-hardware-costs.md, and the goals it was built for. `SP_AREA=1` measures the variant
 * with DSPs, too, as a nightly job should.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { estimateRtl, planRtl, type Resources, synthesise } from '@sp/rtl';
import { describe, expect, it } from 'vitest';
import { rtlCases } from '../src/rtl/rtl-case.ts';

/** The published networks may not be part of the repository. */
const published = fileURLToPath(new URL('../../../../shared/golden/trained_mnist.json', import.meta.url));

interface Golden {
  readonly interval: number;
  readonly dsp: boolean;
  readonly latency: number;
  readonly area: Pick<Resources, 'lut' | 'ff' | 'dsp'>;
  /** Most cycles and thousands of LUTs that were aimed at, shift registers included. */
  readonly goal?: { readonly latency: number; readonly kLut: number };
}

/** Totals by yosys 0.55. */
const GOLDEN: readonly Golden[] = [
  {
    interval: 1,
    dsp: true,
    latency: 21,
    area: { lut: 283_265, ff: 137_480, dsp: 0 },
    goal: { latency: 32, kLut: 300 },
  },
  {
    interval: 5,
    dsp: false,
    latency: 44,
    area: { lut: 87_097, ff: 46_616, dsp: 0 },
    goal: { latency: 50, kLut: 95 },
  },
  { interval: 5, dsp: true, latency: 44, area: { lut: 82_137, ff: 46_616, dsp: 80 } },
];

const every = process.env['SP_AREA'] !== undefined;

describe('MNIST, 8 bit, n = 20', () => {
  it.for(GOLDEN.filter(({ goal }) => every || goal !== undefined))(
    'takes $area.lut LUTs with interval $interval, give or take three in a hundred',
    async (golden, { skip }) => {
      if (!existsSync(published)) skip('../shared/golden/trained_mnist.json is not here');
      const [{ graph }] = await rtlCases(published, '8b-l');
      const plan = planRtl(graph, { interval: golden.interval });
      const { total } = await synthesise(plan, { dsp: golden.dsp });
      process.stdout.write(`interval ${golden.interval}: ${plan.latency} cycles, ${JSON.stringify(total)}\n`);
      expect(plan.latency).toBe(golden.latency);
      expect(Math.abs(total.lut / golden.area.lut - 1)).toBeLessThan(0.03);
      expect(Math.abs(total.ff / golden.area.ff - 1)).toBeLessThan(0.03);
      expect(total.dsp).toBe(golden.area.dsp);
      if (golden.goal !== undefined) {
        expect(plan.latency).toBeLessThanOrEqual(golden.goal.latency);
        expect(total.lut + total.srl).toBeLessThanOrEqual(1000 * golden.goal.kLut);
      }
      const estimate = estimateRtl(plan).total;
      if (golden.dsp) expect(Math.abs((estimate.lut + estimate.srl) / (total.lut + total.srl) - 1)).toBeLessThan(0.05);
    },
  );
});
