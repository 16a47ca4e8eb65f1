import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RtlFiles } from '../../src/index.ts';

/** Whether Icarus Verilog can be started. */
export const hasIcarus: boolean = spawnSync('iverilog', ['-V']).error === undefined;

/** Why Verilog is not run, where it is not. */
export const noIcarus = 'NOT CHECKED: no iverilog; install it with scripts/install-test-tools';

/** Sources of each testbench. */
const SOURCES: Readonly<Record<'design' | 'axi', RegExp>> = {
  design: /^(rtl|tb)\/[^/]*\.v$/,
  axi: /^(rtl|axi|axi\/tb)\/[^/]*\.v$/,
};

/** Compiles and runs a testbench of a project with Icarus Verilog; what it printed. */
export async function runIcarus(
  files: RtlFiles,
  what: keyof typeof SOURCES = 'design',
): Promise<{ output: string; passed: boolean }> {
  const dir = await mkdtemp(join(tmpdir(), 'sp-rtl-'));
  try {
    const sources: string[] = [];
    for (const [path, text] of files) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
      if (SOURCES[what].test(path)) sources.push(path);
    }
    const compiled = spawnSync('iverilog', ['-g2001', '-Wall', '-Wno-timescale', '-o', 'sim', ...sources], {
      cwd: dir,
      encoding: 'utf8',
    });
    if (compiled.status !== 0 || compiled.stderr !== '') return { output: compiled.stderr, passed: false };
    const ran = spawnSync('vvp', ['sim'], { cwd: dir, encoding: 'utf8' });
    const output = ran.stdout + ran.stderr;
    return { output, passed: ran.status === 0 && /^PASS$/m.test(output) && !/warning|error:/i.test(output) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
