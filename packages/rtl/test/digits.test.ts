/** A network like the digits example, at both published ways of working: an image per clock, and one in five clocks. */

import { digitsGraph, digitsImages } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { compareRtl, emitRtl, planRtl, runIcarus, testImages } from '../src/index.ts';
import { hasIcarus } from './support/verilog.ts';

const graph = digitsGraph(24);

describe.each([
  [1, 20],
  [5, 43],
])('the digits network with interval %i', (interval, atMost) => {
  const plan = planRtl(graph, { interval });

  it(`takes at most ${atMost} clocks`, () => {
    expect(plan.latency).toBeLessThanOrEqual(atMost);
  });

  it('equals the interpreter on 220 constructed images and 140 others', () => {
    for (const result of [
      compareRtl(plan, testImages(graph, 220), { inputs: 'codes' }),
      compareRtl(plan, digitsImages(140), { gaps: [0, 0, 0, 1] }),
    ]) {
      expect(result.rows.filter((row) => row.mismatches > 0)).toEqual([]);
      expect(result.onTime).toBe(true);
    }
  });

  // Icarus takes minutes to compile a design of this size.
  it.runIf(hasIcarus && process.env['SP_VERILOG'] !== undefined)('equals it in Icarus Verilog', async () => {
    const { output, passed } = await runIcarus(emitRtl(plan, { images: testImages(graph, 40) }));
    expect(passed, output).toBe(true);
  });
});
