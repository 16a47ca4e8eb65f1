import type { ExploredDesign } from './explore-rtl.ts';

const COLUMNS = ['design', 'latency', 'interval', 'levels', 'LUT', 'FF', 'DSP', '% of LUTs', ''] as const;

/** Explored designs as aligned text, one a line. */
export function exploreRtlTable(designs: readonly ExploredDesign[]): string {
  const rows = designs.map(({ name, latency, options, estimate: { lut, srl, ff, dsp }, percent, dominatedBy }) => [
    name,
    ...[latency, options.interval, options.levelsPerStage, Math.round(lut + srl), Math.round(ff), dsp].map(String),
    percent === undefined ? '?' : percent.toFixed(1),
    dominatedBy === undefined ? '' : `dominated by ${dominatedBy}`,
  ]);
  const widths = COLUMNS.map((column, c) => Math.max(column.length, ...rows.map((row) => row[c].length)));
  const align = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (c === 0 || c === COLUMNS.length - 1 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  return [align(COLUMNS), ...rows.map(align)].join('\n');
}
