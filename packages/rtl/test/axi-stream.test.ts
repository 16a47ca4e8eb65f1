/** The stream wrapper in Icarus Verilog, by its own testbench: full speed, random pauses of sender and receiver, broken images. */
import { digitsGraph } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { emitRtl, planRtl, runIcarus, testImages } from '../src/index.ts';
import { tinyGraph } from './support/tiny-graph.ts';
import { hasIcarus, noIcarus } from './support/verilog.ts';

describe.skipIf(!hasIcarus)(`the design behind AXI4-Streams${hasIcarus ? '' : ` (${noIcarus})`}`, () => {
  it.each([
    [1, 'parts'],
    [3, 'parts'],
    [5, 'images'],
  ] as const)('equals the interpreter under back-pressure with interval %i, %s', async (interval, axiInput) => {
    const { output, passed } = await runIcarus(emitRtl(planRtl(tinyGraph(), { interval }), { axiInput }), 'axi');
    expect(output).toMatch(/73 images, 73 results/);
    expect(passed, output).toBe(true);
  });

  it.each([
    ['a result of which a bit is lost', 'results[put_at] <= result;', 'results[put_at] <= result >> 1;'],
    ['room for one result too many', 'room <= DEPTH;', 'room <= DEPTH + 1;'],
  ])('finds %s', async (_, right, wrong) => {
    const files = [...emitRtl(planRtl(tinyGraph(), { interval: 3 }))];
    const broken = new Map(
      files.map(([path, text]) => [path, path.startsWith('axi/tiny_') ? text.replace(right, wrong) : text]),
    );
    expect([...broken.values()]).not.toEqual(files.map(([, text]) => text));
    const { output, passed } = await runIcarus(broken, 'axi');
    expect(output).toMatch(/^FAIL$/m);
    expect(passed).toBe(false);
  });

  // Icarus takes minutes to compile a design of this size.
  it.runIf(process.env['SP_VERILOG'] !== undefined)('equals the interpreter on the digits network', async () => {
    const graph = digitsGraph(24);
    for (const axiInput of ['parts', 'images'] as const) {
      const files = emitRtl(planRtl(graph, { interval: 5 }), { axiInput, images: testImages(graph, 40) });
      const { output, passed } = await runIcarus(files, 'axi');
      expect(passed, output).toBe(true);
    }
  });
});
