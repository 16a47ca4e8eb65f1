import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = 'docs/compare/hgq1-qkeras.md';
const rows = readFileSync(join(root, page), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [numbers, , here, tests] = line.split(' | ') as [string, string, string, string];
    return { numbers: numbersOf(numbers.replace('| ', '')), here, tests };
  });

/** `1, 2` and `13–16`. */
function numbersOf(text: string): number[] {
  return text.split(', ').flatMap((part) => {
    const [first, last = first] = part.split('–').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, j) => first + j);
  });
}

describe(page, () => {
  it('has every row of the specification', () => {
    const numbers = rows.flatMap((row) => row.numbers);
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(Array.from({ length: 76 }, (_, j) => j + 1));
  });

  it.each(rows.map((row) => [row.numbers.join(', '), row] as const))('row %s names tests that exist', (_, row) => {
    const links = [...row.tests.matchAll(/\[`([^`]+)`\]\(([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, name, target] of links) {
      const file = join(root, dirname(page), target!);
      expect(existsSync(file), target).toBe(true);
      const code = readFileSync(file, 'utf8').replaceAll("\\'", "'");
      expect(code.includes(name!), `"${name}" in ${target}`).toBe(true);
    }
    // What is not done says why, or what there is instead.
    if (/not done/.test(row.here)) expect(row.here).toMatch(/: |; |\(rank N\)/);
  });
});
