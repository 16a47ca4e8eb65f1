import { join } from 'node:path';
import { bridgeProgram } from '../../src/emit/bridge.ts';
import { firmwareFiles, kernelHeaders } from '../../src/emit/firmware.ts';
import { kernelFiles } from '../../src/emit/kernel-files.ts';
import { describeProject } from '../../src/emit/project.ts';
import type { HlsPlan } from '../../src/plan/hls-plan.ts';
import { type CompiledProject, compileProgram } from '../../src/run/compile.ts';
import { writeFiles } from './workspace.ts';

/** Compiles many small networks in one translation unit. Plans must have distinct names. */
export async function compileBatch(
  folder: string,
  name: string,
  plans: readonly HlsPlan[],
  flags: readonly string[] = ['-O0', '-Werror'],
): Promise<CompiledProject[]> {
  const dir = join(folder, name);
  const files = new Map<string, string>();
  for (const [path, text] of kernelFiles(['sp_bridge.h', ...plans.flatMap(kernelHeaders)])) {
    files.set(`firmware/sp/${path}`, text);
  }
  plans.forEach((plan, j) => {
    for (const [path, text] of firmwareFiles(plan)) files.set(`g${j}/${path}`, text);
  });
  files.set('batch.cpp', bridgeProgram(plans.map((plan, j) => ({ plan, topPath: `g${j}` }))));
  await writeFiles(dir, files);
  const built = await compileProgram(dir, 'batch', { flags });
  return plans.map((plan, network) => ({ dir, description: describeProject(plan), network, ...built }));
}
