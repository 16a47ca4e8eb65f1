/**
 * Random small networks of all node kinds, all strategies, random legal factors and random types, each with both I/O types: interpreter == compiled C++, every
 * code of every node. `SP_GRAPHS=300 SP_SEED=1` compiles that many; otherwise a few graphs that together have every kind of node and every option.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compare, findCompiler, plan } from '../src/index.ts';
import { compileBatch } from './support/batch.ts';
import { exercised, WANTED } from './support/coverage.ts';
import { type RandomCase, randomCase } from './support/random-case.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

/** Seeds to choose from, and whether all of them are compiled. */
const GRAPHS = Number(process.env['SP_GRAPHS'] ?? 300);
const FIRST_SEED = Number(process.env['SP_SEED'] ?? 1);
const ALL = process.env['SP_GRAPHS'] !== undefined;
/** Graphs per translation unit; each is in it twice. */
const BATCH = 12;

interface Seeded extends RandomCase {
  readonly seed: number;
}

/** What differs, as tables, and how many codes were compared. */
async function differing(
  cases: readonly Seeded[],
  flags?: readonly string[],
): Promise<{ wrong: string[]; compared: number }> {
  const plans = cases.flatMap(({ graph, config, streamConfig }) => [
    plan(graph, config),
    plan({ ...graph, name: `${graph.name}_stream` }, streamConfig),
  ]);
  const projects = await compileBatch(await temporaryFolder(), 'graphs', plans, flags);
  const wrong: string[] = [];
  let compared = 0;
  for (const [j, { graph }] of plans.entries()) {
    const { seed, images } = cases[Math.floor(j / 2)];
    const result = await compare(graph, projects[j], images);
    compared += result.rows.reduce((sum, row) => sum + row.compared, 0);
    if (result.mismatches > 0) wrong.push(`seed ${seed}, ${plans[j].settings.ioType}\n${result.table}`);
  }
  return { wrong, compared };
}

/** Seeds that together exercise everything that all of them do: always the one that adds most. */
function covering(cases: readonly Seeded[]): Seeded[] {
  const traits = new Map(cases.map((one) => [one, exercised(one)]));
  const missing = new Set(WANTED);
  const chosen: Seeded[] = [];
  for (;;) {
    const gain = (one: Seeded) => [...missing].filter((trait) => traits.get(one)?.has(trait)).length;
    const best = cases.reduce((most, one) => (gain(one) > gain(most) ? one : most));
    if (gain(best) === 0) return chosen;
    for (const trait of traits.get(best)!) missing.delete(trait);
    chosen.push(best);
  }
}

const drawn = Array.from({ length: GRAPHS }, (_, j): Seeded => {
  const seed = FIRST_SEED + j;
  return { seed, ...randomCase(`g${seed}`, seed) };
});
const compiled = ALL ? drawn : covering(drawn);
const batches = Array.from({ length: Math.ceil(compiled.length / BATCH) }, (_, b) =>
  compiled.slice(b * BATCH, (b + 1) * BATCH),
);

describe('emitted C++ equals the interpreter', () => {
  it.runIf(GRAPHS >= 300)('on every kind of node with every option', () => {
    const found = new Set(compiled.flatMap((one) => [...exercised(one)]));
    expect(WANTED.filter((trait) => !found.has(trait))).toEqual([]);
  });

  it.each(batches.map((cases) => [cases.map(({ seed }) => seed).join(', '), cases] as const))(
    'on random graphs with seeds %s',
    async (_, cases) => {
      const { wrong, compared } = await differing(cases);
      expect(wrong).toEqual([]);
      expect(compared).toBeGreaterThan(1000);
    },
  );

  it('without undefined behaviour or stray memory accesses', async (context) => {
    const sanitize = ['-fsanitize=undefined,address', '-fno-sanitize-recover=all'];
    const folder = await temporaryFolder();
    await writeFiles(folder, [['probe.cpp', 'int main() {}\n']]);
    const { command } = await findCompiler();
    const probe = spawnSync(command, [...sanitize, 'probe.cpp', '-o', 'probe'], { cwd: folder });
    if (probe.status !== 0) context.skip('the compiler has no sanitizers');
    // Compiling with sanitizers takes three times as long.
    const chosen = covering(drawn);
    const count = ALL ? chosen.length : 5;
    for (let from = 0; from < count; from += 5) {
      const { wrong } = await differing(chosen.slice(from, from + 5), ['-O0', '-Werror', ...sanitize]);
      expect(wrong).toEqual([]);
    }
  });
});
