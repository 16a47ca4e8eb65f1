import type { KindReport, VectorsReport } from './run-vectors.ts';

/** The report as a short table for a terminal. */
export function vectorsTable({ file, kinds, ok, values, mismatches, notChecked }: VectorsReport): string {
  const rows = kinds.map((entry) => [
    entry.kind,
    String(entry.rows),
    entry.checked ? String(entry.values) : '',
    result(entry),
  ]);
  const header = ['kind', 'rows', 'values', 'result'];
  const widths = header.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c].length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, c) => (c === 1 || c === 2 ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join('  ')}`.trimEnd();
  const worst = kinds.filter((entry) => entry.worst !== undefined);
  return [
    `vectors ${file}`,
    line(header),
    ...rows.map(line),
    ...worst.map(({ kind, worst: at }) => `  worst of ${kind}: ${at?.where}: expected ${at?.expected}, got ${at?.got}`),
    `${ok ? 'no mismatches' : `${mismatches} mismatches`} in ${values} values` +
      (notChecked.length === 0 ? '' : `; ${notChecked.length} of ${kinds.length} kinds not checked`),
  ].join('\n');
}

function result({ checked, mismatches }: KindReport): string {
  if (!checked) return 'not checked';
  return mismatches === 0 ? 'equal' : `${mismatches} mismatches`;
}
