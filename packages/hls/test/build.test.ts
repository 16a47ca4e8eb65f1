/** Runs of the synthesis tools, here of stand-ins that are called like them: Tcl that executes `build_prj.tcl` with commands that only look at their arguments. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { graphBuilder } from '@sp/quant';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../src/cli/run.ts';
import { build, CompileError, emit, goldenVectors, NoToolError, plan, write } from '../src/index.ts';
import type { BuildOptions } from '../src/run/build.ts';
import { has } from './support/tools.ts';
import { temporaryFolder } from './support/workspace.ts';

const g = graphBuilder('small');
const x = g.input('x', { shape: [2], format: { k: 0, i: 0, f: 4 } });
const graph = g.build([g.dense('y', x, { kernel: { shape: [2, 1], codes: [3, -5], f: 2 } })]);

const CSYNTH = `<profile>
<UserAssignments><TargetClockPeriod>5.00</TargetClockPeriod></UserAssignments>
<PerformanceEstimates>
<SummaryOfTimingAnalysis><EstimatedClockPeriod>4.049</EstimatedClockPeriod></SummaryOfTimingAnalysis>
<SummaryOfOverallLatency><Best-caseLatency>10</Best-caseLatency><Worst-caseLatency>12</Worst-caseLatency>
<Interval-min>8</Interval-min><Interval-max>8</Interval-max></SummaryOfOverallLatency>
</PerformanceEstimates>
<AreaEstimates>
<Resources><DSP>73</DSP><FF>7969</FF><LUT>2532</LUT><BRAM_18K>0</BRAM_18K><URAM>0</URAM></Resources>
<AvailableResources><BRAM_18K>280</BRAM_18K><DSP>220</DSP><FF>106400</FF><LUT>53200</LUT><URAM>0</URAM></AvailableResources>
</AreaEstimates>
</profile>`;

/** A tool that does what the script says, as far as files go. */
const TOOL = `#!/usr/bin/env tclsh
puts "****** a stand-in ($argv)"
if {$argv ne "-f build_prj.tcl" && $argv ne "--mode hls --tcl build_prj.tcl"} { puts "ERROR: unknown arguments $argv"; exit 1 }
proc open_project {args} { set ::project [lindex $args end] }
proc set_top {top} { set ::name $top }
proc add_files {args} {
  foreach arg $args {
    if {[string index $arg 0] eq "-"} continue
    if {[string match *.cpp $arg] || $arg eq "tb_data"} { if {![file exists $arg]} { puts "ERROR: no file $arg"; exit 1 } }
  }
  puts "INFO: add_files $args"
}
foreach command {open_solution set_part create_clock set_clock_uncertainty config_array_partition csim_design cosim_design export_design} {
  proc $command {args} "puts \\"INFO: $command \\$args\\""
}
proc csynth_design {} {
  file mkdir $::project/solution1/syn/report
  file copy -force csynth.xml $::project/solution1/syn/report/\${::name}_csynth.xml
  puts "INFO: csynth_design"
}
source build_prj.tcl
`;

let folder = '';
let dir = '';
const path = process.env['PATH'] as string;

beforeEach(async () => {
  folder = await temporaryFolder();
  dir = join(folder, 'p');
  await write(emit(plan(graph), { golden: goldenVectors(graph, [0.5, 0.25, 1, 0]) }), dir);
  await writeFile(join(dir, 'csynth.xml'), CSYNTH);
  await mkdir(join(folder, 'bin'));
});
afterEach(() => {
  process.env['PATH'] = path;
});

/** Puts programs first on PATH; alone, nothing else is there. */
async function install(programs: Readonly<Record<string, string>>, alone = false): Promise<void> {
  for (const [name, text] of Object.entries(programs))
    await writeFile(join(folder, 'bin', name), text, { mode: 0o755 });
  process.env['PATH'] = alone ? join(folder, 'bin') : join(folder, 'bin') + delimiter + path;
}

const hasTcl = has('tclsh', '/dev/null');

describe.skipIf(!hasTcl)(`a build${hasTcl ? '' : ' (no tclsh here)'}`, () => {
  it('runs the newer tool where both are, streams its log, tells its steps, and reads its reports', async () => {
    await install({ 'vitis-run': TOOL, vitis_hls: '#!/bin/sh\nexit 9\n' });
    const lines: string[] = [];
    const steps: unknown[] = [];
    const options: BuildOptions = {
      log: (line) => lines.push(line),
      progress: (...step) => steps.push(step),
    };
    const { tool, reports } = await build(dir, options);
    expect(tool).toBe(join(folder, 'bin', 'vitis-run'));
    expect(lines[0]).toBe('****** a stand-in (--mode hls --tcl build_prj.tcl)');
    expect(steps).toEqual([
      ['C simulation', 1, 2],
      ['C synthesis', 2, 2],
    ]);
    expect(lines.filter((line) => /INFO: (csim|cosim|export|csynth)/.test(line))).toEqual([
      'INFO: csim_design ',
      'INFO: csynth_design',
    ]);
    expect(reports.csynth).toMatchObject({ bestLatency: 10, worstLatency: 12, resources: { lut: 2532, dsp: 73 } });
  });

  it.each(['axis', 'kernel'] as const)('of a wrapper takes its sources and reads its reports: %s', async (top) => {
    await install({ vitis_hls: TOOL });
    const lines: string[] = [];
    const { reports } = await build(dir, {
      tool: 'vitis_hls',
      top,
      steps: ['synth', 'export'],
      log: (line) => lines.push(line),
    });
    expect(lines.join('\n')).toMatch(new RegExp(`add_files wrappers/small_${top}.cpp`));
    expect(lines.join('\n')).toContain(`INFO: export_design -format ${top === 'kernel' ? 'xo' : 'ip_catalog'}`);
    expect(reports.csynth?.worstLatency).toBe(12);
    expect((await build(dir, { tool: 'vitis_hls', steps: ['export'] })).reports).toEqual({});
  });

  it('is a command, too', async () => {
    await install({ vitis_hls: TOOL });
    const out: string[] = [];
    const terminal = { out: (text: string) => out.push(text), error: (text: string) => out.push(text) };
    expect(await run(['build', dir, '--tool', 'vitis_hls', '--steps', 'synth'], terminal)).toBe(0);
    expect(out.join('\n')).toMatch(
      /== 1 of 1: C synthesis[\s\S]*INFO: csynth_design[\s\S]*== done: .*vitis_hls\nC synthesis: latency 10 … 12, interval 8, clock 4.049 of 5 ns, 2532 LUT/,
    );
    expect(await run(['build', dir, '--steps', 'dance'], terminal)).toBe(2);
    expect(out.at(-1)).toMatch(/build steps \["dance"\]: choose from csim, synth, cosim, export, vsynth/);
    expect(await run(['build', dir, '--top', 'roof'], terminal)).toBe(2);
    expect(await run(['build', dir, '--time-limit', 'soon'], terminal)).toBe(2);
  });

  it('of a project without testbench only synthesises', async () => {
    await install({ vitis_hls: TOOL });
    const bare = join(folder, 'bare');
    await write(emit(plan(graph)), bare);
    await writeFile(join(bare, 'csynth.xml'), CSYNTH);
    const steps: string[] = [];
    await build(bare, { tool: 'vitis_hls', progress: (step) => steps.push(step) });
    expect(steps).toEqual(['C synthesis']);
    await expect(build(bare, { tool: 'vitis_hls', steps: ['cosim'] })).rejects.toThrow(
      /has no testbench to simulate with/,
    );
  });
});

describe('a build that goes wrong', () => {
  it('has no tool: says what was looked for and what to do', async () => {
    await install({}, true);
    await expect(build(dir)).rejects.toThrow(NoToolError);
    await expect(build(dir)).rejects.toThrow(/^no vitis-run or vitis_hls on PATH\. .*source its settings64\.sh/);
    const vivado = join(folder, 'v');
    await write(emit(plan(graph, { model: { backend: 'Vivado' } })), vivado);
    await expect(build(vivado)).rejects.toThrow(/^no vivado_hls on PATH/);
    await install({ vitis_hls: '#!/bin/sh\n' }, true);
    await expect(build(dir, { steps: ['synth', 'vsynth'] })).rejects.toThrow(/step vsynth: there is no vivado on PATH/);
    const out: string[] = [];
    process.env['PATH'] = join(folder, 'nothing');
    expect(await run(['build', dir], { out: () => {}, error: (text) => out.push(text) })).toBe(3);
    expect(out[0]).toMatch(/^sp-hls: no vitis-run or vitis_hls on PATH/);
  });

  it('repeats the errors of the log', async () => {
    await install({ vitis_hls: '#!/bin/sh\necho "INFO: fine"\necho "ERROR: [HLS 214-1] not today"\nexit 1\n' });
    const failure = await build(dir, { tool: 'vitis_hls' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CompileError);
    expect((failure as Error).message).toMatch(/vitis_hls ended with 1 in .*p:\nERROR: \[HLS 214-1\] not today$/);
  });

  it('ends with its time limit, and with its signal, and takes what it has started along', async () => {
    const script = '#!/bin/sh\nsleep 600 &\necho $! > pid\necho "INFO: begun"\nwait\n';
    await install({ vitis_hls: script });
    const gone = async () => {
      const pid = (await readFile(join(dir, 'pid'), 'utf8')).trim();
      // A process that has ended may still wait to be taken note of.
      return execFileSync('sh', [
        '-c',
        `kill -0 ${pid} 2> /dev/null && cat /proc/${pid}/stat 2> /dev/null || true`,
      ]).toString();
    };
    await expect(build(dir, { tool: 'vitis_hls', timeLimit: 2000 })).rejects.toThrow(
      /ran longer than the limit of 2 s/,
    );
    const stop = new AbortController();
    const log = (line: string) => line === 'INFO: begun' && stop.abort(new Error('enough'));
    await expect(build(dir, { tool: 'vitis_hls', signal: stop.signal, log })).rejects.toThrow('enough');
    expect(await gone()).toMatch(/^$|\) Z /);
  });
});
