import { describe, expect, it } from 'vitest';
import { report } from './report.ts';

describe('report', () => {
  it('leaves out what is missing', async () => {
    const page = await report({ name: 'empty', history: [], tensors: [], verification: [] });
    expect(page).not.toMatch(/<section|<figure|<nav|<dl/);
    expect(page).toContain('<h1>empty</h1>');
  });

  it('draws one theme on request and escapes text', async () => {
    const page = await report(
      { name: 'a < b', ebops: [{ layer: '<b>', ebops: 3 }], facts: [{ label: '"x"', value: '<script>\u0000' }] },
      { theme: 'dark' },
    );
    expect(page.match(/<svg /g)).toHaveLength(1);
    expect(page).toContain('<h1>a &lt; b</h1>');
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('<b>');
    expect(page).not.toContain('\u0000');
  });

  it('says in words and colour whether the views agree', async () => {
    const rows = (mismatches: number | undefined) => ({
      name: 'run',
      verification: [
        { name: 'conv', compared: 1000, mismatches: { 'interpreter vs C++': mismatches } },
        { name: 'dense', compared: 10, mismatches: { 'interpreter vs C++': 0 } },
      ],
    });
    expect(await report(rows(0))).toContain('<p class="good">All 1,010 compared codes are equal.</p>');
    expect(await report(rows(7))).toContain('<p class="bad">7 of 1,010 compared codes differ.</p>');
    const partly = await report(rows(undefined));
    expect(partly).toContain('<p class="good">All 10 compared codes are equal.</p><p>1 comparison was not made.</p>');
  });

  it.each([
    ['no comparison was made', 10, undefined],
    ['there was nothing to compare', 0, 0],
  ] as const)('does not praise a run of which %s', async (_, compared, found) => {
    const page = await report({ name: 'run', verification: [{ name: 'b', compared, mismatches: { a: found } }] });
    expect(page).toContain('<p class="bad">Nothing was compared.</p><p>1 comparison was not made.</p>');
    expect(page).toContain('not compared</td>');
    expect(page).not.toMatch(/class="[^"]*good/);
  });

  it('refuses a theme that does not exist', async () => {
    await expect(report({ name: 'run' }, { theme: 'nope' as 'auto' })).rejects.toThrow(
      "report: theme is 'nope'; give one of auto, light, dark",
    );
  });

  it.each([Number.NaN, -1, 0.5])('refuses %s differences', async (found) => {
    const verification = [{ name: 'b', compared: 10, mismatches: { 'x vs y': found } }];
    await expect(report({ name: 'run', verification })).rejects.toThrow(
      `report: mismatches 'x vs y' of 'b' is ${found}; give a whole number from 0`,
    );
  });

  it('refuses a table whose rows do not fit', async () => {
    const tables = [{ title: 'T', columns: ['a', 'b'], rows: [[1]] }];
    await expect(report({ name: 'run', tables })).rejects.toThrow(
      "report: row 0 of table 'T' has 1 values; the number of columns needs 2",
    );
  });
});

it('makes links of any path, halves of surrogate pairs included', async () => {
  const page = await report({ name: 'n\ud800', files: [{ path: 'a b/\udc00.txt', note: '\ud800' }] });
  expect(page).toContain('href="a%20b/%EF%BF%BD.txt"');
});
