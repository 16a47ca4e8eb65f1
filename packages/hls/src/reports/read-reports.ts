/** Reads what Vitis HLS, Vivado HLS and Vivado have reported, if someone has run them. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathOf } from '@sp/quant/files';
import { readProject } from '../emit/read-project.ts';
import { FirmwareError } from '../errors.ts';

/** Numbers of a C synthesis report; resources are the tool's own estimates (2–5 times too high for sparse kernels, `hardware §4`). */
export interface CsynthReport {
  readonly targetClock: number;
  readonly estimatedClock: number;
  readonly bestLatency: number;
  readonly worstLatency: number;
  readonly intervalMin: number;
  readonly intervalMax: number;
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
  /** True when the project was written again after a report: they may be of another design. */
  readonly outdated?: true;
}

/**
 * The reports in a project's folder, as `build_prj.tcl` leaves them.
 *
 * @throws FirmwareError when `dir` is not a project, or a report is not what it should be
 */
export async function readReports(place: string | URL): Promise<ToolReports> {
  const dir = pathOf(place);
  const { name } = await readProject(dir);
  const csynth = await report(
    join(dir, `${name}_prj`, 'solution1', 'syn', 'report', `${name}_csynth.xml`),
    parseCsynth,
  );
  const vsynth = await report(join(dir, 'vivado_synth.rpt'), parseVsynth);
  const written = (await stat(join(dir, 'project.json'))).mtimeMs;
  const outdated = [csynth, vsynth].some((found) => found !== undefined && found.time < written);
  return {
    ...(csynth === undefined ? {} : { csynth: csynth.read }),
    ...(vsynth === undefined ? {} : { vsynth: vsynth.read }),
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
    bestLatency: number('Best-caseLatency', latency),
    worstLatency: number('Worst-caseLatency', latency),
    intervalMin: number('Interval-min', latency),
    intervalMax: number('Interval-max', latency),
    resources: resources(section('Resources', area)),
    available: resources(section('AvailableResources', area)),
  };
}

/** Reads a `report_utilization` of Vivado. @throws FirmwareError naming the row that is missing or no number */
export function parseVsynth(report: string): Resources {
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
      `utilization report: no row ${names.map((name) => `"${name}"`).join(' or ')}; is all of it there? Run the synthesis again`,
    );
  };
  return {
    lut: row('CLB LUTs', 'Slice LUTs'),
    // The names without "CLB" and with "Slices" are those that tables for Versal devices seem to use; we have no such report.
    ff: row('CLB Registers', 'Slice Registers', 'Registers'),
    dsp: row('DSPs', 'DSP Slices'),
    bram18: 2 * row('RAMB36/FIFO', 'RAMB36') + row('RAMB18'),
    // Many devices have none. The row stands before that of the DSPs, so in a report that is not whole it is not missed.
    uram: optional('URAM') ?? 0,
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
  try {
    return { read: parse(await readFile(path, 'utf8')), time: (await stat(path)).mtimeMs };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new FirmwareError(`"${path}": ${message}`, { cause });
  }
}
