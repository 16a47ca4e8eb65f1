/** Designs mapped by yosys: counted, timed, and simulated as LUTs, carry chains and registers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Netlist } from '../src/area/netlist.ts';
import type { Synthesis } from '../src/area/synthesise.ts';
import { compareMapped, folderCache, memoryCache, planRtl, synthesise, testImages } from '../src/index.ts';
import { tinyGraph } from './support/tiny-graph.ts';

const graph = tinyGraph(7, 6, 3);
const plan = planRtl(graph, { interval: 2 });
let whole: Promise<Synthesis> | undefined;
/** The whole design, mapped once for all tests. */
const mapped = (): Promise<Synthesis> => {
  whole ??= synthesise(plan, { netlists: true });
  return whole;
};

describe('synthesise', () => {
  it('maps every block to cells whose outputs equal the words, bit for bit and clock for clock', async () => {
    const { netlists, blocks, total } = await mapped();
    const result = compareMapped(plan, netlists, testImages(graph, 96));
    expect(result.rows.filter((row) => row.mismatches > 0)).toEqual([]);
    expect(result.compared).toBeGreaterThan(100_000);
    expect(total.lut).toBeGreaterThan(500);
    expect(total.ff).toBeGreaterThan(200);
    expect(blocks.map(({ module }) => module)).toEqual(plan.design.modules.map(({ name }) => name));
  });

  it('counts without reading the Verilog what yosys finds there', async () => {
    const [counted, read] = [(await synthesise(plan)).total, (await mapped()).total];
    expect(Math.abs(counted.lut / read.lut - 1)).toBeLessThan(0.06);
    expect(Math.abs(counted.ff / read.ff - 1)).toBeLessThan(0.03);
    expect(counted.srl).toBe(read.srl);
    expect(counted.dsp).toBe(read.dsp);
  });

  it('notices a LUT with one wrong bit in the block that has it', async () => {
    const { netlists } = await mapped();
    const broken = new Map(netlists);
    const name = 'conv1_out';
    const block = netlists.get(name)!;
    const at = block.cells.findIndex(({ type }) => type === 'LUT6');
    const cells = block.cells.map((cell, j) =>
      j === at ? { ...cell, parameters: { INIT: cell.parameters['INIT'] ^ (2n ** 64n - 1n) } } : cell,
    );
    broken.set(name, { ...block, cells } satisfies Netlist);
    const result = compareMapped(plan, broken, testImages(graph, 96));
    expect(result.rows.find((row) => row.mismatches > 0)?.module).toBe(name);
  });

  it('takes what it has measured before from memory or a folder', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sp-area-'));
    try {
      const modules = ['conv1_out'];
      const caches = [memoryCache(), folderCache(dir)];
      const fresh = await synthesise(plan, { modules, cache: caches[0] });
      await synthesise(plan, { modules, cache: caches[1] });
      for (const cache of caches) {
        const again = await synthesise(plan, { modules, cache });
        expect(again.cached).toBe(1);
        expect(again.blocks).toEqual(fresh.blocks);
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('refuses a module that is none, and stops when it is told to', async () => {
    await expect(synthesise(plan, { modules: ['conv9'] })).rejects.toThrow(/"conv9" is no module; modules are/);
    await expect(synthesise(plan, { timeLimit: 0 })).rejects.toThrow(/timeLimit is 0/);
    await expect(synthesise(plan, { timeLimit: 1e-3 })).rejects.toThrow(/took more than 0.001 s for module/);
    const stop = new AbortController();
    const running = synthesise(plan, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});
