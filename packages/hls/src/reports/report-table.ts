import type { Estimate } from '../estimate/estimate.ts';
import type { ToolReports } from './read-reports.ts';

/** Estimate and reports side by side, one line per number; a last line says if the reports may be of another design. */
export function reportTable(estimate: Estimate, { csynth, vsynth, timing, cosim, outdated }: ToolReports): string {
  const percent = (used: number | undefined, available: number | undefined) =>
    used === undefined || !available ? '' : ` (${((100 * used) / available).toFixed(1)} %)`;
  const number = (value: number | undefined, available?: number) =>
    value === undefined ? '-' : `${value}${percent(value, available)}`;
  const range = ({ low, high }: { low: number; high: number }) => `${low} … ${high}`;
  const cells = [
    ['', 'estimate', 'range', 'C synthesis', 'logic synthesis'],
    [
      'latency (cycles)',
      String(estimate.latency),
      range(estimate.ranges.latency),
      csynth === undefined ? '-' : same(csynth.bestLatency, csynth.worstLatency),
      cosim === undefined ? '' : `${same(cosim.latency.min, cosim.latency.max)} simulated`,
    ],
    [
      'interval (cycles)',
      String(estimate.interval),
      '',
      csynth === undefined ? '-' : same(csynth.intervalMin, csynth.intervalMax),
      cosim === undefined ? '' : `${same(cosim.interval.min, cosim.interval.max)} simulated`,
    ],
    [
      'clock (ns)',
      String(estimate.latency === 0 ? 0 : estimate.latencyNs / estimate.latency),
      '',
      number(csynth?.estimatedClock),
      timing === undefined ? '' : `${timing.achievedClock ?? '?'} (slack ${timing.wns})`,
    ],
    [
      'LUT',
      String(estimate.lut),
      range(estimate.ranges.lut),
      number(csynth?.resources.lut, csynth?.available.lut),
      number(vsynth?.lut, csynth?.available.lut),
    ],
    [
      'FF',
      String(estimate.ff),
      range(estimate.ranges.ff),
      number(csynth?.resources.ff, csynth?.available.ff),
      number(vsynth?.ff, csynth?.available.ff),
    ],
    [
      'DSP',
      String(estimate.dsp),
      range(estimate.ranges.dsp),
      number(csynth?.resources.dsp, csynth?.available.dsp),
      number(vsynth?.dsp, csynth?.available.dsp),
    ],
    [
      'BRAM18',
      String(estimate.bram),
      '',
      number(csynth?.resources.bram18, csynth?.available.bram18),
      number(vsynth?.bram18, csynth?.available.bram18),
    ],
  ];
  const widths = cells[0].map((_, c) => Math.max(...cells.map((line) => line[c].length)));
  const lines = cells.map((line) =>
    line
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd(),
  );
  const note = 'The project was written again after these reports: if it has changed, synthesise again.';
  const failed = 'The simulation of the RTL failed.';
  return [...lines, ...(cosim?.passed === false ? [failed] : []), ...(outdated === true ? [note] : [])].join('\n');
}

/** Reports alone, a line per number. */
export function reportLines({ csynth, vsynth, timing, cosim }: ToolReports): string[] {
  const area = ({ lut, ff, dsp, bram18, uram }: NonNullable<typeof vsynth>) =>
    `${lut} LUT, ${ff} FF, ${dsp} DSP, ${bram18} BRAM18, ${uram} URAM`;
  const lines: string[] = [];
  if (csynth !== undefined) {
    lines.push(
      `C synthesis: latency ${same(csynth.bestLatency, csynth.worstLatency)}, interval ${same(csynth.intervalMin, csynth.intervalMax)}, clock ${csynth.estimatedClock} of ${csynth.targetClock} ns, ${area(csynth.resources)}`,
    );
  }
  if (cosim !== undefined) {
    const { latency, interval, passed } = cosim;
    lines.push(
      `simulation of the RTL ${passed ? 'passed' : 'FAILED'}: latency ${same(latency.min, latency.max)}, interval ${same(interval.min, interval.max)}`,
    );
  }
  if (vsynth !== undefined) lines.push(`logic synthesis: ${area(vsynth)}`);
  if (timing !== undefined) lines.push(`timing: ${timing.achievedClock ?? '?'} ns, slack ${timing.wns}`);
  return lines;
}

function same(low: number | undefined, high: number | undefined): string {
  if (low === undefined || high === undefined) return 'unknown';
  return low === high ? String(low) : `${low} … ${high}`;
}
