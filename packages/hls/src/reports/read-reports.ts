/** Reads what Vitis HLS, Vivado HLS and Vivado have reported, if someone has run them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FirmwareError } from '../errors.ts';
import { readProject } from '../run/compile.ts';

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
}

/**
 * The reports in a project's folder, as `build_prj.tcl` leaves them.
 *
 * @throws FirmwareError when `dir` is not a project, or a report is not what it should be
 */
export async function readReports(dir: string): Promise<ToolReports> {
  const { name } = await readProject(dir);
  const csynth = await text(join(dir, `${name}_prj`, 'solution1', 'syn', 'report', `${name}_csynth.xml`));
  const vsynth = await text(join(dir, 'vivado_synth.rpt'));
  return {
    ...(csynth === undefined ? {} : { csynth: parseCsynth(csynth) }),
    ...(vsynth === undefined ? {} : { vsynth: parseVsynth(vsynth) }),
  };
}

/** Reads a `csynth.xml` of Vitis HLS or Vivado HLS. @throws FirmwareError naming the missing element */
export function parseCsynth(xml: string): CsynthReport {
  const section = (name: string, within = xml): string => {
    const match = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(within);
    if (match === null) throw new FirmwareError(`csynth report: no <${name}>`);
    return match[1];
  };
  const number = (name: string, within: string): number => {
    const value = Number(section(name, within));
    if (!Number.isFinite(value))
      throw new FirmwareError(`csynth report: <${name}> is "${section(name, within)}", not a number`);
    return value;
  };
  const optional = (names: readonly string[], within: string): number => {
    const name = names.find((candidate) => within.includes(`<${candidate}>`));
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

/** Reads a `report_utilization` of Vivado. @throws FirmwareError when the LUT row is missing */
export function parseVsynth(report: string): Resources {
  const row = (...names: string[]): number | undefined => {
    for (const name of names) {
      const match = new RegExp(`^\\|\\s*${name}\\*?\\s*\\|\\s*([\\d.]+)\\s*\\|`, 'm').exec(report);
      if (match !== null) return Number(match[1]);
    }
    return undefined;
  };
  const lut = row('CLB LUTs', 'Slice LUTs');
  if (lut === undefined) throw new FirmwareError('utilization report: no row "CLB LUTs" or "Slice LUTs"');
  const wide = row('RAMB36/FIFO', 'RAMB36') ?? 0;
  return {
    lut,
    ff: row('CLB Registers', 'Slice Registers') ?? 0,
    dsp: row('DSPs') ?? 0,
    bram18: 2 * wide + (row('RAMB18') ?? 0),
    uram: row('URAM') ?? 0,
  };
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
