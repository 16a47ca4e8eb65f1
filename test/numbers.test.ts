/** Numbers of README and documentation: marked well, and those whose commands take seconds are what the commands print. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../scripts/numbers/commands.mjs';
import { compareNumbers, readMarks, unmarked } from '../scripts/numbers/marks.mjs';

const root = join(import.meta.dirname, '..');
const page = (marks: string): string => `It takes 1,500 s and is right in 95.5 % of 360.\n${marks}\n`;
const problems = (marks: string): readonly string[] => readMarks('page.md', page(marks)).problems;

describe('a mark', () => {
  it('says which command gives a number, and how far from it that may end', () => {
    const text = page(
      '<!-- numbers: npm start\n95.5 % ± 0.5 | accuracy ([\\d.]+) %\n1,500 s ± 10 % | time ([\\d,]+)\n-->',
    );
    const { marks, problems } = readMarks('page.md', text);
    expect(problems).toEqual([]);
    const [mark] = marks;
    expect(mark).toMatchObject({ command: 'npm start', kind: 'cheap' });
    expect(compareNumbers(mark!, 'accuracy 96.00 %\ntime 1,650')).toEqual([]);
    expect(compareNumbers(mark!, 'accuracy 96.01 %\ntime 1,349')).toHaveLength(2);
    expect(compareNumbers(mark!, 'accuracy unknown\ntime 1,500')).toEqual([
      expect.stringContaining("'95.5 %': npm start prints nothing like"),
    ]);
    expect(unmarked(text, marks)).toEqual([]);
    expect(unmarked(text, [])).toEqual(['1,500', '95.5']);
  });

  it.each([
    ['a number that the page does not have', '95 % ± 1 | accuracy ([\\d.]+)'],
    ['a part of a number', '500 s ± 1 | time (\\d+)'],
    ['no tolerance', '95.5 % | accuracy ([\\d.]+)'],
    ['no group', '95.5 % ± 1 | accuracy [\\d.]+'],
    ['a pattern that is none', '95.5 % ± 1 | accuracy ([\\d.]+'],
  ])('is refused with %s', (_, line) => {
    expect(problems(`<!-- numbers: npm start\n${line}\n-->`)).toHaveLength(1);
  });

  it('is refused in a form that would be passed over', () => {
    expect(problems('<!-- numbers, weekly: npm start\n360 ± 0 | (\\d+)\n-->')).toHaveLength(1);
  });

  it('may say that others have measured', () => {
    const text = page('<!-- numbers, recorded: Keras\n95.5 %\n-->');
    const { marks, problems } = readMarks('page.md', text);
    expect([problems, marks[0]?.kind, unmarked(text, marks)]).toEqual([[], 'recorded', ['1,500']]);
  });
});

it.each([
  ['npm start -- --seed 2', undefined],
  ['SP_SEEDS=1 npm run bench -- tracks-study', undefined],
  ['npm run bench -- no-such-group', "there is no benchmark 'no-such-group'"],
  ['npm run nothing', "npm has no script 'nothing' here"],
  ['node scripts/run.mjs start', undefined],
  ['node docs/scripts/nothing.mjs', 'there is no docs/scripts/nothing.mjs'],
  ['curl example.org', "'curl' is neither npm nor node with a file"],
])('knows whether there is %s', (command, problem) => {
  expect(problemOf(root, command)).toBe(problem);
});

describe('the pages', () => {
  const check = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/check-numbers.mjs'), ...words], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, SP_BUILT: 'yes' },
    });

  it('are marked with commands that exist, the front page wholly', () => {
    const { status, stdout, stderr } = check('--list');
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toMatch(/^README\.md: \d+ numbers with a command; without: none$/m);
  });

  it('have the numbers that cheap commands print', () => {
    const { status, stdout, stderr } = check();
    expect([status, stderr.split('\n').filter((line) => line.includes("'"))]).toEqual([0, []]);
    expect(stdout).toContain("numbers of 'npm start -- --out runs/numbers' compared");
  });
});
