/** Compilers and compiled programs that hang, flood, die, lie or leave children behind. */
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { setInterval } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { compile, findCompiler, predict } from '../src/index.ts';
import { attackPrograms } from './support/attack-programs.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

const seed = Number(process.env['SP_SEED'] ?? 1);

it(`ends each of them with a typed sentence and leaves none behind, seed ${seed}`, async () => {
  const rows = await attackPrograms({ seed });
  expect(rows.length).toBeGreaterThanOrEqual(20);
  expect(rows.filter(({ typed, expected, orphans }) => !typed || !expected || orphans > 0)).toEqual([]);
});

it('takes them along when a signal ends this process', async () => {
  const folder = await temporaryFolder();
  await writeFiles(folder, [['cc', `#!/bin/sh\ntouch '${folder}/runs'\nsleep 1000000\n`]]);
  await chmod(`${folder}/cc`, 0o755);
  const handled = vi.fn();
  const before = process.listenerCount('SIGHUP');
  process.on('SIGHUP', handled);
  const found = findCompiler(`${folder}/cc`);
  found.catch(() => {});
  for await (const _ of setInterval(5)) if (existsSync(`${folder}/runs`)) break;
  process.emit('SIGHUP', 'SIGHUP');
  await expect(found).rejects.toThrow(/--version was ended by SIGKILL/);
  expect(handled).toHaveBeenCalledOnce();
  process.off('SIGHUP', handled);
  expect(process.listenerCount('SIGHUP')).toBe(before);
});

it.each([0, -1, Number.NaN])('refuses %d as a limit', async (limit) => {
  await expect(findCompiler('cc', { timeLimit: limit })).rejects.toThrow(`timeLimit = ${limit}: give a number above 0`);
  await expect(compile('nowhere', { outputLimit: limit })).rejects.toThrow();
  const project = { dir: '', executable: 'none', network: 0, compiler: '', cached: false };
  const description = { inputs: [], outputs: [], nodes: [] } as never;
  await expect(predict({ ...project, description }, {}, { outputLimit: limit })).rejects.toThrow(/outputLimit = /);
});
