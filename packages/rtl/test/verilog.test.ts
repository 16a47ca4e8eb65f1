/** The emitted Verilog in Icarus Verilog, by its own testbench. */
import { describe, expect, it } from 'vitest';
import { emitRtl, planRtl } from '../src/index.ts';
import { tinyGraph } from './support/tiny-graph.ts';
import { hasIcarus, noIcarus, runIcarus } from './support/verilog.ts';

describe.skipIf(!hasIcarus)(`emitted Verilog${hasIcarus ? '' : ` (${noIcarus})`}`, () => {
  it.each([
    [1, 5],
    [3, 3],
    [5, 8],
  ])('passes its testbench with interval %i, %i levels', async (interval, levelsPerStage) => {
    const layers = { fc: { hardware: 'shared' }, conv2: { convArchitecture: 'pairs' } } as const;
    const { output, passed } = await runIcarus(emitRtl(planRtl(tinyGraph(), { interval, levelsPerStage, layers })));
    expect(output).toMatch(/24 images, 24 results/);
    expect(passed, output).toBe(true);
  });
});
