import { reject, requireLength } from '../spec/checks.ts';
import { grouped } from '../spec/numbers.ts';
import { escapeHtml } from './html.ts';
import type { ReportFact, ReportTable, VerificationRow } from './run.ts';

type Cell = string | number | null;

/** A table as HTML. */
export function tableHtml(table: ReportTable): string {
  const { title, note, columns, rows } = table;
  for (const [index, row] of rows.entries()) {
    requireLength('report', `row ${index} of table '${title}'`, row.length, columns.length, 'the number of columns');
  }
  const numeric = columns.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const align = (column: number) => (numeric[column] ? ' class="number"' : '');
  const head = columns.map((name, column) => `<th scope="col"${align(column)}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell, column) => `<td${align(column)}>${cellHtml(cell)}</td>`).join('')}</tr>`,
  );
  return [
    `<h3>${escapeHtml(title)}</h3>`,
    note ? `<p>${escapeHtml(note)}</p>` : '',
    `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`,
  ].join('\n');
}

function cellHtml(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return escapeHtml(cell);
  return Number.isInteger(cell) ? grouped(cell) : `${Number(cell.toPrecision(5))}`;
}

/** The headline numbers as cards. */
export function factsHtml(facts: readonly ReportFact[]): string {
  const cards = facts.map(({ label, value, note, tone }) => {
    const shown = typeof value === 'number' ? cellHtml(value) : escapeHtml(value);
    const classes = [...(tone ? [tone] : []), ...(shown.length > 12 ? ['wordy'] : [])];
    const style = classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
    const small = note ? `<small>${escapeHtml(note)}</small>` : '';
    return `<div class="fact"><dt>${escapeHtml(label)}</dt><dd${style}>${shown}${small}</dd></div>`;
  });
  return `<dl class="facts">${cards.join('\n')}</dl>`;
}

/** The comparison of the views, layer by layer, with a line that sums it up. */
export function verificationHtml(rows: readonly VerificationRow[]): string {
  const pairs = [...new Set(rows.flatMap(({ mismatches }) => Object.keys(mismatches)))];
  if (pairs.length === 0) {
    reject('report', 'verification', 'compares no views', "name at least one pair, for example 'interpreter vs C++'");
  }
  let wrong = 0;
  let compared = 0;
  let missing = 0;
  const body = rows.map(({ name, compared: count, mismatches }) => {
    requireCount(`compared of '${name}'`, count);
    const cells = pairs.map((pair) => {
      const found = Object.hasOwn(mismatches, pair) ? mismatches[pair] : undefined;
      if (found !== undefined) requireCount(`mismatches '${pair}' of '${name}'`, found);
      // Of no codes none differ: that proves nothing.
      if (found === undefined || (count === 0 && found === 0)) {
        missing++;
        return '<td class="number">not compared</td>';
      }
      wrong += found;
      compared += count;
      return `<td class="number ${found === 0 ? 'good' : 'bad'}">${found === 0 ? '0 ✓' : `${grouped(found)} ✗`}</td>`;
    });
    return `<tr><td>${escapeHtml(name)}</td><td class="number">${grouped(count)}</td>${cells.join('')}</tr>`;
  });
  const gap =
    missing > 0 ? `<p>${grouped(missing)} ${missing === 1 ? 'comparison was' : 'comparisons were'} not made.</p>` : '';
  const head = ['layer', 'codes', ...pairs].map(
    (name, column) => `<th scope="col"${column > 0 ? ' class="number"' : ''}>${escapeHtml(name)}</th>`,
  );
  return `${verdict(wrong, compared)}${gap}<div class="scroll"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function verdict(wrong: number, compared: number): string {
  if (wrong > 0) return `<p class="bad">${grouped(wrong)} of ${grouped(compared)} compared codes differ.</p>`;
  if (compared === 0) return '<p class="bad">Nothing was compared.</p>';
  return `<p class="good">All ${grouped(compared)} compared codes are equal.</p>`;
}

/** A NaN or a negative number could make differences vanish from the sum. */
function requireCount(field: string, value: number): void {
  if (!Number.isInteger(value) || value < 0) reject('report', field, `is ${value}`, 'give a whole number from 0');
}
