import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RtlFiles } from '../emit/emit-rtl.ts';
import { writeRtl } from '../emit/write-rtl.ts';
import { RtlError } from '../errors.ts';

/** Sources of each testbench. */
const SOURCES: Readonly<Record<'design' | 'axi', RegExp>> = {
  design: /^(rtl|tb)\/[^/]*\.v$/,
  axi: /^(rtl|axi|axi\/tb)\/[^/]*\.v$/,
};

/** What a testbench said. */
export interface VerilogRun {
  /** All that compiler and simulator printed. */
  readonly output: string;
  /** Without any complaint of either, and `PASS`. */
  readonly passed: boolean;
}

/**
 * Compiles and runs a testbench of a design with Icarus Verilog (`iverilog` and `vvp`), in a temporary folder. A warning of the compiler counts as failure. A design
 * of a hundred thousand LUTs takes minutes.
 *
 * @param what the design by itself (default), or behind AXI4-Streams
 * @throws RtlError where Icarus Verilog is not installed
 * @example
 * const { passed, output } = await runIcarus(emitRtl(plan, { images: testImages(plan.source, 200) }));
 */
export async function runIcarus(files: RtlFiles, what: 'design' | 'axi' = 'design'): Promise<VerilogRun> {
  const dir = await mkdtemp(join(tmpdir(), 'sp-rtl-'));
  try {
    await writeRtl(files, dir);
    const sources = [...files.keys()].filter((path) => SOURCES[what].test(path));
    const compiled = await run('iverilog', ['-g2001', '-Wall', '-Wno-timescale', '-o', 'sim', ...sources], dir);
    if (compiled !== '') return { output: compiled, passed: false };
    const output = await run('vvp', ['-n', 'sim'], dir);
    return { output, passed: /^PASS$/m.test(output) && !/warning|error:/i.test(output) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What a program prints, on both of its streams; and how it ended, if not well. */
function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') {
        reject(
          new RtlError(`${program} cannot be started; install Icarus Verilog (Debian: iverilog)`, { cause: error }),
        );
      } else
        resolve(`${stdout}${stderr}${error === null ? '' : `${program} ended with ${error.signal ?? error.code}\n`}`);
    });
  });
}
