/** The sources compile and compute through the interface of AMD's headers too; with their real headers where `SP_AP_TYPES` names a folder that has them. */
import { describe, expect, it } from 'vitest';
import { compare, plan } from '../src/index.ts';
import { apShim } from './support/ap-shim.ts';
import { compileBatch } from './support/batch.ts';
import { randomCase } from './support/random-graph.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

describe('with -DSP_USE_AP_TYPES', () => {
  it('random networks equal the interpreter', async () => {
    const folder = await temporaryFolder();
    const real = process.env['SP_AP_TYPES'];
    if (real === undefined)
      await writeFiles(
        folder,
        [...apShim].map(([name, text]) => [`ap/${name}`, text] as const),
      );
    const include = real ?? `${folder}/ap`;
    const cases = Array.from({ length: 8 }, (_, j) => randomCase(`g${j}`, 2000 + j));
    const plans = cases.map(({ graph, config, streamConfig }, j) => plan(graph, j % 2 === 0 ? config : streamConfig));
    const flags = ['-O0', '-w', '-DSP_USE_AP_TYPES', `-I${include}`];
    const projects = await compileBatch(folder, 'graphs', plans, flags);
    for (const [j, { graph, images }] of cases.entries()) {
      const { mismatches, table } = await compare(graph, projects[j], images);
      if (mismatches > 0) expect.fail(`seed ${2000 + j}\n${table}`);
    }
  });
});
