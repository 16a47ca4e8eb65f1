/** The emitted Verilog in Icarus Verilog, by its own testbench. */
import { describe, expect, it } from 'vitest';
import { emitRtl, planRtl, runIcarus } from '../src/index.ts';
import { addersOf, lateValid, withCell } from './support/broken.ts';
import { tinyGraph } from './support/tiny-graph.ts';
import { hasIcarus, noIcarus } from './support/verilog.ts';

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

  const plan = planRtl(tinyGraph(), { interval: 4 });
  const seen = plan.design.modules
    .find(({ name }) => name === 'reduce')!
    .cells.findIndex(({ name }) => name === 'seen');
  it.each([
    [
      'an adder with the wrong sign',
      withCell(plan, 'fc', addersOf(plan, 'fc').at(-1)!, (cell) =>
        cell.op === 'add' ? { ...cell, op: 'sub' } : cell.op === 'sub' ? { ...cell, op: 'add' } : cell,
      ),
      /image \d+: [\da-f]+ instead of [\da-f]+/,
    ],
    [
      'a counter that is too narrow',
      withCell(plan, 'reduce', seen, (cell) => ({ ...cell, width: 2 })),
      /image \d+: [\da-f]+ instead of [\da-f]+/,
    ],
    ['results that are announced a clock late', lateValid(plan), /image \d+: \d+ clocks instead of \d+/],
  ])('fails its testbench with %s', async (_, broken, reason) => {
    const { output, passed } = await runIcarus(emitRtl(broken));
    expect(passed).toBe(false);
    expect(output).toMatch(/^FAIL$/m);
    expect(output).toMatch(reason);
  });
});
