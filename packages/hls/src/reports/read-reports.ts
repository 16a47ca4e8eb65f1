/** Reads what Vitis HLS, Vivado HLS and Vivado have reported, if someone has run them. */
import { pathOf } from '@sp/quant/files';
import { readProject } from '../emit/read-project.ts';
import { FirmwareError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { type CosimReport, parseCosim } from './cosim-report.ts';
import { parseTiming, type TimingReport } from './timing-report.ts';

/** Numbers of a C synthesis report; resources are the tool's own estimates (2–5 times too high for sparse kernels, `hardware §4`). */
export interface CsynthReport {
  readonly targetClock: number;
  readonly estimatedClock: number;
  /** Cycles; undefined where a loop has no bound that the tool knows ("undef", "?"). */
  readonly bestLatency: number | undefined;
  readonly worstLatency: number | undefined;
  readonly intervalMin: number | undefined;
  readonly intervalMax: number | undefined;
  readonly resources: Resources;
  readonly available: Resources;
}

/** Resources of a device. */
export interface Resources {
  readonly lut: number;
  readonly ff: number;
  readonly dsp: number;
  readonly bram18: number;
  readonly uram: number;
}

/** All reports found. */
export interface ToolReports {
  readonly csynth?: CsynthReport;
  /** After logic synthesis. */
  readonly vsynth?: Resources;
  /** After logic synthesis or implementation. */
  readonly timing?: TimingReport;
  /** Of the simulation of the RTL. */
  readonly cosim?: CosimReport;
  /** True when the project was written again after a report: they may be of another design. */
  readonly outdated?: true;
}

/**
 * The reports in a project's folder, as `build_prj.tcl` leaves them.
 *
 * @param options which top they are about, of `sp-hls build --top`; default the network itself
 * @throws FirmwareError when `dir` is not a project, or a report is not what it should be
 */
export async function readReports(
  place: string | URL,
  { top = 'network' }: { readonly top?: 'network' | 'axis' | 'kernel' } = {},
): Promise<ToolReports> {
  const { stat } = nodeModules().fs;
  const { join } = nodeModules().path;
  const dir = pathOf(place);
  const { name: network } = await readProject(dir);
  const name = top === 'network' ? network : `${network}_${top}`;
  const prefix = top === 'network' ? '' : `${name}_`;
  const csynth = await report(
    join(dir, `${name}_prj`, 'solution1', 'syn', 'report', `${name}_csynth.xml`),
    parseCsynth,
  );
  const vsynth = await report(join(dir, `${prefix}vivado_synth.rpt`), parseVsynth);
  const timing = await report(join(dir, `${prefix}vivado_timing.rpt`), parseTiming);
  const cosim = await report(join(dir, `${name}_prj`, 'solution1', 'sim', 'report', `${name}_cosim.rpt`), parseCosim);
  const written = (await stat(join(dir, 'project.json'))).mtimeMs;
  const outdated = [csynth, vsynth, timing, cosim].some((found) => found !== undefined && found.time < written);
  return {
    ...(csynth === undefined ? {} : { csynth: csynth.read }),
    ...(vsynth === undefined ? {} : { vsynth: vsynth.read }),
    ...(timing === undefined ? {} : { timing: timing.read }),
    ...(cosim === undefined ? {} : { cosim: cosim.read }),
    ...(outdated ? { outdated } : {}),
  };
}

/** Reads a `csynth.xml` of Vitis HLS or Vivado HLS. @throws FirmwareError naming the element that is missing or no number */
export function parseCsynth(xml: string): CsynthReport {
  const section = (name: string, within = xml): string => {
    const match = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(within);
    if (match === null) throw new FirmwareError(`csynth report: no <${name}>`);
    return match[1];
  };
  const number = (name: string, within: string): number =>
    readNumber(section(name, within), `csynth report: <${name}>`);
  const cycles = (name: string, within: string): number | undefined =>
    /^\s*(undef|\?|-)\s*$/.test(section(name, within)) ? undefined : number(name, within);
  // Older tools leave out the blocks that a device does not have.
  const optional = (names: readonly string[], within: string): number => {
    const name = names.find((candidate) => new RegExp(`<${candidate}\\s*/?>`).test(within));
    return name === undefined ? 0 : number(name, within);
  };
  const performance = section('PerformanceEstimates');
  const latency = section('SummaryOfOverallLatency', performance);
  const area = section('AreaEstimates');
  const resources = (within: string): Resources => ({
    lut: number('LUT', within),
    ff: number('FF', within),
    // Vivado HLS calls it by the name of the older block.
    dsp: optional(['DSP', 'DSP48E'], within),
    bram18: optional(['BRAM_18K'], within),
    uram: optional(['URAM'], within),
  });
  return {
    targetClock: number('TargetClockPeriod', section('UserAssignments')),
    estimatedClock: number('EstimatedClockPeriod', performance),
    bestLatency: cycles('Best-caseLatency', latency),
    worstLatency: cycles('Worst-caseLatency', latency),
    intervalMin: cycles('Interval-min', latency),
    intervalMax: cycles('Interval-max', latency),
    resources: resources(section('Resources', area)),
    available: resources(section('AvailableResources', area)),
  };
}

/**
 * Reads a `report_utilization` of Vivado, by kind of resource or (`-hierarchical`) by instance.
 *
 * @throws FirmwareError naming the row that is missing or no number
 */
export function parseVsynth(report: string): Resources {
  const instances = hierarchy(report);
  if (instances !== undefined) return instances;
  const optional = (...names: string[]): number | undefined => {
    for (const name of names) {
      const match = new RegExp(`^\\|\\s*${name}\\*?\\s*\\|([^|\\n]*)\\|`, 'm').exec(report);
      if (match !== null) return readNumber(match[1], `utilization report: row "${name}"`);
    }
    return undefined;
  };
  const row = (...names: string[]): number => {
    const value = optional(...names);
    if (value !== undefined) return value;
    throw new FirmwareError(
      `utilization report: no row ${names.map((name) => `"${name}"`).join(' or ')}; is all of it there? Write it again with report_utilization -file vivado_synth.rpt`,
    );
  };
  const blocks = (): number => {
    const tiles = optional('Block RAM Tile');
    return tiles !== undefined && optional('RAMB18', 'RAMB18E5') === undefined
      ? 2 * tiles
      : 2 * row('RAMB36/FIFO', 'RAMB36', 'RAMB36E5') + row('RAMB18', 'RAMB18E5');
  };
  return {
    lut: row('CLB LUTs', 'Slice LUTs', 'LUTs'),
    // The names without "CLB" and with "Slices" are those that tables for Versal devices seem to use; we have no such report.
    ff: row('CLB Registers', 'Slice Registers', 'Registers'),
    dsp: row('DSPs', 'DSP Slices'),
    bram18: blocks(),
    // Many devices have none. The row stands before that of the DSPs, so in a report that is not whole it is not missed.
    uram: optional('URAM') ?? 0,
  };
}

/** Of a table by instance, the first line, which is the whole. */
function hierarchy(report: string): Resources | undefined {
  const lines = report.split('\n').filter((line) => line.startsWith('|'));
  const at = lines.findIndex((line) => /\|\s*Instance\s*\|.*\|\s*Total LUTs\s*\|/.test(line));
  if (at < 0 || lines[at + 1] === undefined) return undefined;
  const [names, cells] = [lines[at], lines[at + 1]].map((line) => line.split('|').map((cell) => cell.trim()));
  const of = (...wanted: string[]): number | undefined => {
    const column = names.findIndex((name) => wanted.includes(name));
    return column < 0 ? undefined : readNumber(cells[column] ?? '', `utilization report: column "${names[column]}"`);
  };
  const must = (name: string): number => {
    const value = of(name);
    if (value === undefined)
      throw new FirmwareError(
        `utilization report: no column "${name}"; write it again with report_utilization -file vivado_synth.rpt`,
      );
    return value;
  };
  return {
    lut: must('Total LUTs'),
    ff: must('FFs'),
    dsp: of('DSP Blocks', 'DSP48 Blocks', 'DSPs') ?? 0,
    bram18: 2 * must('RAMB36') + must('RAMB18'),
    uram: of('URAM') ?? 0,
  };
}

/** A number as reports write it: '' is none. */
function readNumber(text: string, what: string): number {
  const digits = text.trim();
  if (/^\d+(\.\d+)?$/.test(digits)) return Number(digits);
  throw new FirmwareError(`${what} is "${digits}", not a number; run the synthesis again`);
}

/** A report and when it was made, or undefined if there is none. */
async function report<Report>(
  path: string,
  parse: (text: string) => Report,
): Promise<{ readonly read: Report; readonly time: number } | undefined> {
  const { readFile, stat } = nodeModules().fs;
  try {
    return { read: parse(await readFile(path, 'utf8')), time: (await stat(path)).mtimeMs };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new FirmwareError(`"${path}": ${message}`, { cause });
  }
}
