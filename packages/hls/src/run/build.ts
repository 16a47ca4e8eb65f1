import { pathOf } from '@sp/quant/files';
import { readProject } from '../emit/read-project.ts';
import { CompileError, ConfigError, FirmwareError, NoToolError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { readReports, type ToolReports } from '../reports/read-reports.ts';
import { endingText, type ProcessLimits, startChild } from './child.ts';

/** Synthesis tools that run `build_prj.tcl`. `vitis-run` is what Vitis HLS is called from 2024.2 on. */
export type SynthesisTool = 'vitis-run' | 'vitis_hls' | 'vivado_hls';

/** What `build_prj.tcl` can do, in this order. */
export const BUILD_STEPS = ['csim', 'synth', 'cosim', 'export', 'vsynth'] as const;

/** A step of a build: C simulation, C synthesis, simulation of the RTL, packaging, logic synthesis. */
export type BuildStep = (typeof BUILD_STEPS)[number];

/** How to build. Without a `timeLimit` or an `outputLimit` a build may take as long and say as much as it likes. */
export interface BuildOptions extends ProcessLimits {
  /** Default: the first that is installed, those of the plan's backend alone. */
  readonly tool?: SynthesisTool;
  /** Default `csim` and `synth`. */
  readonly steps?: readonly BuildStep[];
  /** What becomes the top: the network, or one of its wrappers. Default `network`. */
  readonly top?: 'network' | 'axis' | 'kernel';
  /** Gets the log while it is written, line by line. */
  readonly log?: (line: string) => void;
  /** Gets `C synthesis`, 2, 3 when the second step of three begins. */
  readonly progress?: (step: string, number: number, of: number) => void;
}

/** What a build has left. */
export interface BuildResult {
  /** The program that was run, with its path. */
  readonly tool: string;
  /** What it has reported about the top. */
  readonly reports: ToolReports;
}

const ARGUMENTS: Readonly<Record<SynthesisTool, readonly string[]>> = {
  'vitis-run': ['--mode', 'hls', '--tcl', 'build_prj.tcl'],
  vitis_hls: ['-f', 'build_prj.tcl'],
  vivado_hls: ['-f', 'build_prj.tcl'],
};

/** Lines of `build_prj.tcl` itself. */
const STEP = /^sp-hls: step (\d+) of (\d+): (.*)$/;

/** Lines of the log that an error message repeats, at most. */
const LAST = 20;

/**
 * Runs Vitis HLS or Vivado HLS on a written project, and reads what it reports.
 *
 * @param place folder of the project: path or `file:` URL
 * @throws NoToolError when none is installed, naming what was looked for
 * @throws CompileError with the log's errors when the tool fails, or runs or prints past its limit
 * @throws ConfigError for unknown steps
 * @throws the reason of `signal` when that is aborted
 * @throws FirmwareError when `place` is no project, or has nothing to simulate
 */
export async function build(place: string | URL, options: BuildOptions = {}): Promise<BuildResult> {
  const { join, resolve } = nodeModules().path;
  const dir = resolve(pathOf(place));
  const { settings } = await readProject(dir);
  const { steps = ['csim', 'synth'], top = 'network', log, progress, ...rest } = options;
  const unknown = steps.find((step) => !BUILD_STEPS.includes(step));
  if (unknown !== undefined || steps.length === 0)
    throw new ConfigError(`build steps ${JSON.stringify(steps)}: choose from ${BUILD_STEPS.join(', ')}`);
  const tool = await findTool(settings.backend, options.tool);
  if (steps.includes('vsynth') && (await onPath('vivado')) === undefined)
    throw new NoToolError('step vsynth: there is no vivado on PATH; source its settings64.sh, or leave the step out');
  if (!(await hasFile(join(dir, 'build_prj.tcl'))))
    throw new FirmwareError(`"${dir}" has no build_prj.tcl; export the project again`);
  const simulates = steps.some((step) => step === 'csim' || step === 'cosim');
  if (simulates && !(await hasFile(join(dir, 'tb_data'))) && options.steps !== undefined)
    throw new FirmwareError(`"${dir}" has no testbench to simulate with; export it with --images or --random N`);

  const { timeLimit = Number.POSITIVE_INFINITY, outputLimit = Number.POSITIVE_INFINITY, signal } = rest;
  const wanted = BUILD_STEPS.map((step) => [step.toUpperCase(), steps.includes(step) ? '1' : '0'] as const);
  const child = startChild(
    tool.path,
    ARGUMENTS[tool.name],
    { timeLimit, outputLimit, ...(signal !== undefined && { signal }) },
    { cwd: dir, environment: { ...Object.fromEntries(wanted), TOP: top } },
  );
  const lines: string[] = [];
  const hear = (line: string): void => {
    const step = STEP.exec(line);
    if (step !== null) progress?.(step[3], Number(step[1]), Number(step[2]));
    log?.(line);
    if (/^\s*(ERROR|CRITICAL WARNING)\b|\bERROR:/.test(line)) lines.push(line.trim());
    if (lines.length > LAST) lines.shift();
  };
  const ends = [child.process.stdout, child.process.stderr].map((stream) => {
    let begun = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (piece: string) => {
      child.heard(Buffer.byteLength(piece));
      const all = (begun + piece).split(/\r?\n|\r/);
      begun = all.pop() as string;
      all.forEach(hear);
    });
    return () => {
      if (begun !== '') hear(begun);
    };
  });
  const ending = await child.ended;
  for (const end of ends) end();
  if (ending.code !== 0) {
    const said = lines.length === 0 ? '; its log names no error' : `:\n${lines.join('\n')}`;
    throw new CompileError(`${tool.path} ${endingText(ending)} in ${dir}${said}`, lines.join('\n'));
  }
  return { tool: tool.path, reports: await readReports(dir, { top }) };
}

async function findTool(
  backend: 'Vitis' | 'Vivado',
  wished: SynthesisTool | undefined,
): Promise<{ name: SynthesisTool; path: string }> {
  if (wished !== undefined && !Object.hasOwn(ARGUMENTS, wished))
    throw new ConfigError(`tool ${JSON.stringify(wished)}: choose from ${Object.keys(ARGUMENTS).join(', ')}`);
  const candidates: SynthesisTool[] =
    wished !== undefined ? [wished] : backend === 'Vivado' ? ['vivado_hls'] : ['vitis-run', 'vitis_hls'];
  for (const name of candidates) {
    const path = await onPath(name);
    if (path !== undefined) return { name, path };
  }
  throw new NoToolError(
    `no ${candidates.join(' or ')} on PATH. The folder is whole without: take it to a machine that has ${backend === 'Vivado' ? 'Vivado' : 'Vitis'}, source its settings64.sh, and run sp-hls build, or ${candidates.at(-1)} ${ARGUMENTS[candidates.at(-1) as SynthesisTool].join(' ')} in it`,
  );
}

/** Where a program is that a shell would start. */
async function onPath(program: string): Promise<string | undefined> {
  const { access, constants } = nodeModules().fs;
  const { delimiter, join, resolve } = nodeModules().path;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder === '' ? '.' : folder, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return resolve(path);
  }
  return undefined;
}

function hasFile(path: string): Promise<boolean> {
  return nodeModules()
    .fs.access(path)
    .then(
      () => true,
      () => false,
    );
}
