/** Weights and tables are integer codes: a compiler takes hundreds of thousands of them with little memory. */
import { chmod, writeFile } from 'node:fs/promises';
import { graphBuilder } from '@sp/quant';
import { expect, it } from 'vitest';
import { compare, compile, emit, findCompiler, plan, write } from '../src/index.ts';
import { temporaryFolder } from './support/workspace.ts';

it('compiles 131,072 weights and a table of 2^18 entries in half a gigabyte', async () => {
  const g = graphBuilder('large');
  const x = g.input('x', { shape: [256], format: { k: 1, i: 0, f: 7 } });
  const codes = Array.from({ length: 256 * 512 }, (_, j) => ((j * 7919) % 127) - 63);
  const y = g.dense('y', x, { kernel: { shape: [256, 512], codes, f: 5 } });
  const from = { k: 1, i: 5, f: 12 } as const;
  const narrow = g.requantize('narrow', g.take('first', y, { axis: 0, indices: [0, 1] }), {
    to: from,
    round: 'RND',
    overflow: 'SAT',
  });
  const table = { from, codes: Array.from({ length: 2 ** 18 }, (_, j) => (j % 1024) - 512) };
  const graph = g.build([y, g.lut('table', narrow, { tables: [table], f: 5 })]);
  const folder = await temporaryFolder();
  const { words } = await findCompiler();
  const limited = `${folder}/limited`;
  await writeFile(limited, `#!/bin/sh\nulimit -v 524288\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  await chmod(limited, 0o755);
  const files = emit(plan(graph));
  for (const name of ['y_kernel', 'table_table']) {
    const code = files.get(`firmware/weights/${name}.h`)?.replace(/^\/\/.*$/gm, '');
    expect(code).toContain(`${name}[`);
    expect(code).not.toMatch(/\d\.\d/);
  }
  await write(files, `${folder}/p`);
  const project = await compile(`${folder}/p`, { cxx: limited, flags: ['-O0'] });
  const images = Float64Array.from({ length: 256 * 20 }, (_, j) => (((j * 37) % 256) - 128) / 128);
  expect((await compare(graph, project, images)).mismatches).toBe(0);
});
