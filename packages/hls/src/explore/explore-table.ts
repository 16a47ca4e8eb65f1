import type { ExploredPlan } from './explore.ts';

const COLUMNS = ['plan', 'latency', 'interval', 'LUT', 'FF', 'DSP', 'BRAM', '% of LUTs', ''] as const;

/** Explored plans as aligned text, one a line, by latency. */
export function exploreTable(plans: readonly ExploredPlan[]): string {
  const rows = plans.map(({ name, estimate: e, dominatedBy }) => [
    name,
    ...[e.latency, e.interval, e.lut, e.ff, e.dsp, e.bram].map(String),
    e.percent === undefined ? '?' : e.percent.lut.toFixed(1),
    dominatedBy === undefined ? '' : `dominated by ${dominatedBy}`,
  ]);
  const widths = COLUMNS.map((column, c) => Math.max(column.length, ...rows.map((row) => row[c].length)));
  const align = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (c === 0 || c === COLUMNS.length - 1 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  return [align(COLUMNS), ...rows.map(align)].join('\n');
}
