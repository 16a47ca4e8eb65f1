import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CXX_FLAGS } from '../../src/emit/build-files.ts';
import { emit } from '../../src/emit/emit.ts';
import type { GoldenVectors } from '../../src/emit/golden.ts';
import type { HlsPlan } from '../../src/plan/hls-plan.ts';
import { findCompiler } from '../../src/run/compile.ts';
import { writeFiles } from './workspace.ts';

/**
 * Writes a project with testbench for each plan, compiles all of them as one program without a warning, and returns the line that each testbench prints. Every
 * `firmware/` is searched for headers.
 *
 * @param change what becomes of the text of a top function
 */
export async function runTestbenches(
  folder: string,
  cases: readonly { readonly plan: HlsPlan; readonly golden: GoldenVectors }[],
  flags: readonly string[] = [],
  change: (text: string) => string = (text) => text,
): Promise<string[]> {
  for (const [j, { plan, golden }] of cases.entries()) {
    const top = `firmware/${plan.name}.cpp`;
    const files = [...emit(plan, { golden })].map(
      ([path, text]) => [path, path === top ? change(text) : text] as const,
    );
    await writeFiles(join(folder, `p${j}`), files);
  }
  const parts = cases.flatMap(({ plan: { name } }, j) => [
    `#define main main_${j}`,
    `#include "p${j}/${name}_test.cpp"`,
    '#undef main',
    '#undef SP_TRACE',
    `#include "p${j}/firmware/${name}.cpp"`,
  ]);
  const calls = cases.map((_, j) => `  folder = "p${j}/tb_data";\n  wrong += main_${j}(2, arguments);`);
  const main = [
    'int main() {',
    '  std::string folder, program;',
    '  int wrong = 0;',
    '  char *arguments[] = {&program[0], nullptr};',
    ...calls.map((call) => call.replace('\n', '\n  arguments[1] = &folder[0];\n')),
    '  return wrong;',
    '}',
    '',
  ];
  await writeFiles(folder, [['all.cpp', [...parts, ...main].join('\n')]]);
  const { command } = await findCompiler();
  const include = cases.flatMap((_, j) => [`-Ip${j}/firmware`]);
  execFileSync(command, [...CXX_FLAGS, '-O0', '-Werror', ...flags, ...include, 'all.cpp', '-o', 'all'], {
    cwd: folder,
  });
  return execFileSync(join(folder, 'all'), { cwd: folder, encoding: 'utf8' }).trimEnd().split('\n');
}
