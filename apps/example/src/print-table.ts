import type { ReportTable } from '@sp/viz';

type Cell = string | number | null;

/** A table in aligned columns, the first one to the left, the others to the right. */
export function textTable({ columns, rows }: ReportTable): string {
  const lines = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => line[c].length)));
  return lines
    .map(
      (line) => `  ${line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')}`,
    )
    .join('\n');
}

/** A table as Markdown, with its heading and note; columns of numbers are set flush right. */
export function markdownTable({
  title,
  note,
  columns,
  rows,
}: Omit<ReportTable, 'title'> & Partial<ReportTable>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, c) => (rows.some((row) => typeof row[c] === 'number') ? '---:' : '---'));
  const table = [
    columns,
    rule,
    ...rows.map((row) => row.map((cell) => cellText(cell).replaceAll('|', '\\|').replaceAll('\n', ' '))),
  ];
  return [
    ...(title === undefined ? [] : [`## ${title}`]),
    ...(note === undefined || note === '' ? [] : [note]),
    table.map((cells) => line(cells)).join('\n'),
  ].join('\n\n');
}

/** As the HTML report writes it. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  return Number.isInteger(cell) ? cell.toLocaleString('en-US') : String(Number(cell.toPrecision(5)));
}
