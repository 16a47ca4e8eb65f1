/**
 * Random small networks of all node kinds, both I/O types, all strategies, random legal factors and random types: interpreter == compiled C++, every code of
 * every node. `SP_GRAPHS=300 SP_SEED=1` runs more of them.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compare, findCompiler, plan } from '../src/index.ts';
import { compileBatch } from './support/batch.ts';
import { randomCase } from './support/random-graph.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

const GRAPHS = Number(process.env['SP_GRAPHS'] ?? 24);
const FIRST_SEED = Number(process.env['SP_SEED'] ?? 1000);
/** Graphs per translation unit. */
const BATCH = 24;

/** Names of the seeds whose firmware differs, with the table. */
async function differing(
  first: number,
  count: number,
  flags?: readonly string[],
): Promise<{ wrong: string[]; compared: number }> {
  const cases = Array.from({ length: count }, (_, j) => randomCase(`g${j}`, first + j));
  const plans = cases.map(({ graph, config }) => plan(graph, config));
  const projects = await compileBatch(await temporaryFolder(), 'graphs', plans, flags);
  const wrong: string[] = [];
  let compared = 0;
  for (const [j, { graph, images }] of cases.entries()) {
    const result = await compare(graph, projects[j], images);
    compared += result.rows.reduce((sum, row) => sum + row.compared, 0);
    if (result.mismatches > 0) wrong.push(`seed ${first + j}\n${result.table}`);
  }
  return { wrong, compared };
}

describe('emitted C++ equals the interpreter', () => {
  const batches = Array.from({ length: Math.ceil(GRAPHS / BATCH) }, (_, b) => FIRST_SEED + b * BATCH);
  it.each(batches)(
    'on random graphs with seeds from %i',
    async (first) => {
      const { wrong, compared } = await differing(first, Math.min(BATCH, FIRST_SEED + GRAPHS - first));
      expect(wrong).toEqual([]);
      expect(compared).toBeGreaterThan(1000);
    },
    600_000,
  );

  it('without undefined behaviour or stray memory accesses', async (context) => {
    const sanitize = ['-fsanitize=undefined,address', '-fno-sanitize-recover=all'];
    const folder = await temporaryFolder();
    await writeFiles(folder, [['probe.cpp', 'int main() {}\n']]);
    const { command } = await findCompiler();
    const probe = spawnSync(command, [...sanitize, 'probe.cpp', '-o', 'probe'], { cwd: folder });
    if (probe.status !== 0) context.skip('the compiler has no sanitizers');
    const { wrong } = await differing(FIRST_SEED + 5000, 4, ['-O0', '-Werror', ...sanitize]);
    expect(wrong).toEqual([]);
  }, 600_000);
});
