/** The sources compile and compute through the interface of AMD's headers too; with their real headers where `SP_AP_TYPES` names a folder that has them. */
import { type GraphNode, graphBuilder } from '@sp/quant';
import { OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import { describe, expect, it } from 'vitest';
import { compare, plan } from '../src/index.ts';
import { apShim } from './support/ap-shim.ts';
import { compileBatch } from './support/batch.ts';
import { randomCase } from './support/random-case.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

/** Flags for AMD's headers, or for what stands in for them in `folder`. */
async function apFlags(folder: string): Promise<string[]> {
  const real = process.env['SP_AP_TYPES'];
  if (real === undefined)
    await writeFiles(
      folder,
      [...apShim].map(([name, text]) => [`ap/${name}`, text] as const),
    );
  return ['-O0', '-w', '-DSP_USE_AP_TYPES', `-I${real ?? `${folder}/ap`}`];
}

describe('with -DSP_USE_AP_TYPES', () => {
  it('every rounding with every overflow equals the interpreter, for all codes', async () => {
    const g = graphBuilder('modes');
    const signed = g.input('signed', { shape: [1], format: { k: 1, i: 3, f: 4 } });
    const unsigned = g.input('unsigned', { shape: [1], format: { k: 0, i: 4, f: 4 } });
    const targets = [
      { k: 1, i: 1, f: 1 },
      { k: 0, i: 2, f: 1 },
      { k: 1, i: 0, f: 6 },
      { k: 1, i: 0, f: 0 },
    ] as const;
    const outputs = ROUND_MODES.flatMap((round) =>
      OVERFLOW_MODES.flatMap((overflow) =>
        [signed, unsigned].flatMap((x) =>
          targets.map(
            (to, t): GraphNode => g.requantize(`${x.name}_${round}_${overflow}_${t}`, x, { to, round, overflow }),
          ),
        ),
      ),
    );
    const graph = g.build(outputs);
    const folder = await temporaryFolder();
    const [project] = await compileBatch(folder, 'modes', [plan(graph)], await apFlags(folder));
    const codes = Array.from({ length: 256 }, (_, j) => j / 16);
    const { mismatches, table } = await compare(graph, project, { signed: codes.map((x) => x - 8), unsigned: codes });
    if (mismatches > 0) expect.fail(table);
  });

  it('random networks equal the interpreter', async () => {
    const folder = await temporaryFolder();
    const cases = Array.from({ length: 8 }, (_, j) => randomCase(`g${j}`, 2000 + j));
    const plans = cases.map(({ graph, config, streamConfig }, j) => plan(graph, j % 2 === 0 ? config : streamConfig));
    const projects = await compileBatch(folder, 'graphs', plans, await apFlags(folder));
    for (const [j, { graph, images }] of cases.entries()) {
      const { mismatches, table } = await compare(graph, projects[j], images);
      if (mismatches > 0) expect.fail(`seed ${2000 + j}\n${table}`);
    }
  });
});
