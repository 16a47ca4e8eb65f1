import type { HlsConfig } from '../config/config.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { bridgeProgram } from './bridge.ts';
import { buildFiles } from './build-files.ts';
import { firmwareFiles, kernelHeaders } from './firmware.ts';
import type { GoldenVectors } from './golden.ts';
import { kernelFiles } from './kernel-files.ts';
import { libraryFiles } from './library.ts';
import { licensed } from './licence.ts';
import { describeProject, printProject } from './project.ts';
import { readme } from './readme.ts';
import { rtlHarness } from './rtl-harness.ts';
import { testbenchFiles } from './testbench.ts';
import { wrapperFiles } from './wrappers.ts';

/** What to put into a project besides the firmware. */
export interface EmitOptions {
  /** Inputs and expected outputs for the testbench; without them there is no testbench. See `goldenVectors`. */
  readonly golden?: GoldenVectors;
  /** What the plan was made with; `project.json` keeps it, and `sp-hls compare` finds it there. */
  readonly config?: HlsConfig;
}

/**
 * The HLS project of a plan as text by path, the same bytes for the same plan:
 *
 * - `firmware/`: top function, types, parameters, weights, and in `firmware/sp/` the kernels;
 * - `<name>_test.cpp`, `tb_data/`: testbench with golden inputs and outputs, if given;
 * - `build_prj.tcl` for Vitis HLS and Vivado HLS; `Makefile`, `CMakeLists.txt` and `build_lib.sh` for a plain C++ compiler;
 * - `wrappers/`: the network behind AXI4-Stream ports and as a kernel for memory, with hosts;
 * - `rtl/`: testbenches for the Verilog that the tools make, if golden vectors are given;
 * - `lib/`: the network as a shared library with C functions, and from Python;
 * - `<name>_bridge.cpp`: the program behind `predict` and `trace`;
 * - `project.json`: the plan; `README.md`: what all the others are for.
 *
 * @throws FirmwareError when golden vectors lack an input or output
 */
export function emit(plan: HlsPlan, options: EmitOptions = {}): ReadonlyMap<string, string> {
  const { golden } = options;
  const files = new Map<string, string>();
  for (const [path, text] of firmwareFiles(plan)) files.set(`firmware/${path}`, text);
  const headers = [...['sp_axi_rtl.h', 'sp_bridge.h', 'sp_library.h', 'sp_testbench.h'], ...kernelHeaders(plan)];
  for (const [path, text] of kernelFiles(headers)) files.set(`firmware/sp/${path}`, text);
  files.set(`${plan.name}_bridge.cpp`, bridgeProgram([{ plan, topPath: 'firmware' }]));
  for (const [path, text] of libraryFiles(plan)) files.set(path, text);
  for (const [path, text] of wrapperFiles(plan, golden)) files.set(path, text);
  if (golden !== undefined) {
    for (const [path, text] of testbenchFiles(plan, golden)) files.set(path, text);
    for (const [path, text] of rtlHarness(plan)) files.set(path, text);
  }
  for (const [path, text] of buildFiles(plan, golden !== undefined)) files.set(path, text);
  files.set('project.json', printProject(describeProject(plan, options.config)));
  files.set('README.md', readme(plan, golden !== undefined));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => [path, licensed(path, text)]));
}
