import { FirmwareError } from '../errors.ts';

/** The summary of `report_timing_summary`. */
export interface TimingReport {
  /** Worst negative slack in nanoseconds; below 0 the clock is not met. */
  readonly wns: number;
  /** Total negative slack in nanoseconds. */
  readonly tns: number;
  /** Period of the slowest clock asked for, nanoseconds, if the report has a clock summary. */
  readonly period: number | undefined;
  /** The period that would just be met: `period - wns`. */
  readonly achievedClock: number | undefined;
}

/** Reads a `report_timing_summary` of Vivado. @throws FirmwareError saying how to write one */
export function parseTiming(report: string): TimingReport {
  const row = /^ *WNS\(ns\) +TNS\(ns\)[^\n]*\n[ -]+\n *(\S+) +(\S+)/m.exec(report);
  const [wns, tns] = row === null ? [Number.NaN, Number.NaN] : [Number(row[1]), Number(row[2])];
  if (!Number.isFinite(wns) || !Number.isFinite(tns)) {
    throw new FirmwareError(
      `timing report: ${row === null ? 'no row "WNS(ns)  TNS(ns)"' : `its slacks are "${row[1]}" and "${row[2]}"`}; constrain the clock and write report_timing_summary -file vivado_timing.rpt`,
    );
  }
  const clocks = [...report.matchAll(/^ *\S+ +\{[\d. ]+\} +(\d+\.\d+) +\d+\.\d+ *$/gm)].map(([, period]) =>
    Number(period),
  );
  const period = clocks.length === 0 ? undefined : Math.max(...clocks);
  // Thousandths, as the report has them.
  const achieved = period === undefined ? undefined : Math.round((period - wns) * 1000) / 1000;
  return { wns, tns, period, achievedClock: achieved };
}
