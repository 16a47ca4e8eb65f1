import { report } from '@sp/viz';
import { expect, it } from 'vitest';
import { markdownTable, textTable } from './print-table.ts';

const table = {
  title: 'Cost',
  note: 'By estimate.',
  columns: ['node', 'LUT', 'share'],
  rows: [
    ['conv|1', 12345, 0.123456],
    ['dense', 7, null],
  ],
} as const;

it('prints a table in columns', () => {
  expect(textTable(table)).toBe(
    ['  node       LUT    share', '  conv|1  12,345  0.12346', '  dense        7         '].join('\n'),
  );
});

it('prints a table as Markdown', () => {
  expect(markdownTable(table)).toBe(
    [
      '## Cost\n\nBy estimate.\n\n| node | LUT | share |',
      '| --- | ---: | ---: |',
      '| conv\\|1 | 12,345 | 0.12346 |',
      '| dense | 7 |  |',
    ].join('\n'),
  );
});

it('writes numbers as the HTML report does', async () => {
  const html = await report({ name: 'a run', tables: [table] });
  for (const cell of ['12,345', '0.12346', '7']) expect(html).toContain(`<td class="number">${cell}</td>`);
});
