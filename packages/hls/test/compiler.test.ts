/** Which compiler is started, and how: with scripts that only write down their arguments. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { graphBuilder } from '@sp/quant';
import { beforeAll, expect, it } from 'vitest';
import { compile, emit, findCompiler, plan, write } from '../src/index.ts';
import { temporaryFolder } from './support/workspace.ts';

let folder = '';
let dir = '';

/** A program that says it is of version 1 and makes the file after `-o`, with its arguments in it. */
const COMPILER = `#!/bin/sh
if [ "$*" = --version ] || [ "$*" = "-m64 --version" ]; then echo "cc 1"; exit 0; fi
all="$*"
while [ "$1" != -o ]; do shift; done
echo "$all" > "$2"
chmod 755 "$2"
`;

async function script(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  dir = `${folder}/p`;
  const g = graphBuilder('small');
  await write(emit(plan(g.build([g.relu('y', g.input('x', { shape: [2], format: { k: 0, i: 0, f: 4 } }))]))), dir);
  await mkdir(`${folder}/my tools`);
  await script(`${folder}/my tools/cc`, COMPILER);
  await script(`${folder}/cc`, COMPILER);
  await script(`${folder}/cache`, '#!/bin/sh\nexec "$@"\n');
});

it('takes a program with blanks in its path, and a command with words', async () => {
  const spaced = await compile(dir, { cxx: `${folder}/my tools/cc` });
  expect(await readFile(spaced.executable, 'utf8')).toMatch(/^-std=c\+\+17 .* small_bridge.cpp -o /);
  const worded = `${folder}/cache ${folder}/cc -m64`;
  const { executable, compiler } = await compile(dir, { cxx: worded });
  expect(await readFile(executable, 'utf8')).toMatch(/^-m64 -std=c\+\+17 .* small_bridge.cpp -o /);
  expect(compiler).toBe(worded);
  // Other words are another program, although the compiler says the same of its version.
  expect((await compile(dir, { cxx: `${folder}/cache ${folder}/cc` })).cached).toBe(false);
  expect((await compile(dir, { cxx: worded })).cached).toBe(true);
  // No shell reads them.
  await expect(findCompiler(`${folder}/cc; true`)).rejects.toThrow(
    /no C\+\+ compiler: tried .*cc; true \(option cxx\)/,
  );
});

it('finds a program by a relative path from every folder', async () => {
  const { words } = await findCompiler(relative(process.cwd(), `${folder}/cc`));
  expect(words).toEqual([`${folder}/cc`]);
});

it.each([
  ['my tools/cc', /^-std=/],
  ['cc -m64', /^-m64 -std=/],
])('build_lib.sh takes %j', async (command, line) => {
  execFileSync('./build_lib.sh', { cwd: dir, env: { ...process.env, CXX: `${folder}/${command}` } });
  expect(await readFile(`${dir}/build/small_bridge`, 'utf8')).toMatch(line);
});
