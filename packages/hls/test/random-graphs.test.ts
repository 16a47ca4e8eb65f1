/** Random small networks with random legal factors: interpreter == compiled C++, every code of every node. */
import { describe, expect, it } from 'vitest';
import { compare, plan } from '../src/index.ts';
import { compileBatch } from './support/batch.ts';
import { randomCase } from './support/random-graph.ts';
import { temporaryFolder } from './support/workspace.ts';

const GRAPHS = 36;
const FIRST_SEED = Number(process.env['SP_SEED'] ?? 1000);

describe('emitted C++ equals the interpreter', () => {
  it(`on ${GRAPHS} random graphs (seeds from ${FIRST_SEED})`, async () => {
    const cases = Array.from({ length: GRAPHS }, (_, j) => randomCase(`g${j}`, FIRST_SEED + j));
    const plans = cases.map(({ graph, config }) => plan(graph, config));
    const projects = await compileBatch(await temporaryFolder(), 'graphs', plans);
    const wrong: string[] = [];
    let compared = 0;
    for (const [j, { graph, images }] of cases.entries()) {
      const result = await compare(graph, projects[j], images);
      compared += result.rows.reduce((sum, row) => sum + row.compared, 0);
      if (result.mismatches > 0) wrong.push(`seed ${FIRST_SEED + j}\n${result.table}`);
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(10_000);
  }, 300_000);
});
