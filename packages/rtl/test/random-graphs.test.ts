/**
 * Random networks over all ops: every number of every node and every clock, in the simulator; the outputs of some of them in Icarus Verilog too. `SP_GRAPHS=300
 * SP_VERILOG=30 SP_SEED=1` takes that many.
 */
import { describe, expect, it } from 'vitest';
import { KINDS } from '../src/blocks/registry.ts';
import { emitRtl, imageCodes, planRtl, runIcarus } from '../src/index.ts';
import { differences } from './support/differences.ts';
import { randomRtl } from './support/random-cases.ts';
import { hasIcarus, noIcarus } from './support/verilog.ts';

const GRAPHS = Number(process.env['SP_GRAPHS'] ?? 40);
const VERILOG = Number(process.env['SP_VERILOG'] ?? 5);
const FIRST = Number(process.env['SP_SEED'] ?? 1);
const BATCH = 20;

const seeds = Array.from({ length: GRAPHS }, (_, j) => FIRST + j);
const batches = Array.from({ length: Math.ceil(GRAPHS / BATCH) }, (_, b) => seeds.slice(b * BATCH, (b + 1) * BATCH));

describe('the simulated hardware equals the interpreter', () => {
  it.each(batches.map((list) => [`${list[0]} … ${list.at(-1)}`, list] as const))('on random networks %s', (_, list) => {
    const wrong: string[] = [];
    let compared = 0;
    for (const seed of list) {
      const result = differences(randomRtl(seed));
      wrong.push(...result.wrong.map((text) => `seed ${seed}: ${text}`));
      compared += result.compared;
    }
    if (process.env['SP_GRAPHS'] !== undefined) {
      process.stdout.write(
        `networks ${list[0]} to ${list.at(-1)}: ${wrong.length} nodes differ, ${compared} numbers compared\n`,
      );
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  });

  it('on networks of all kinds of node, intervals and levels', () => {
    const cases = seeds.map(randomRtl);
    const networks = new Map<string, number>();
    for (const { graph } of cases) {
      for (const op of new Set(graph.nodes.map((node) => node.op))) networks.set(op, (networks.get(op) ?? 0) + 1);
    }
    const timings = new Set(cases.map(({ options }) => `${options.interval} ${options.levelsPerStage}`));
    if (process.env['SP_GRAPHS'] !== undefined) {
      const rows = KINDS.map((op) => `${op.padEnd(14)} ${networks.get(op) ?? 0}`);
      process.stdout.write(`networks with a node of a kind, of ${GRAPHS}:\n${rows.join('\n')}\n`);
    }
    if (GRAPHS >= 300) {
      expect(KINDS.filter((op) => !networks.has(op))).toEqual([]);
      expect(timings.size).toBe(48);
    } else expect(networks.size).toBeGreaterThan(15);
  });
});

describe.skipIf(!hasIcarus)(`the emitted Verilog equals the interpreter${hasIcarus ? '' : ` (${noIcarus})`}`, () => {
  it.each(seeds.slice(0, VERILOG))('on random network %i', async (seed) => {
    const { graph, options, images } = randomRtl(seed);
    const { output, passed } = await runIcarus(emitRtl(planRtl(graph, options), { images: imageCodes(graph, images) }));
    expect(passed, output.slice(0, 3000)).toBe(true);
  });
});
