// Runs the commands beside the numbers of README and documentation (scripts/numbers/marks.mjs says how they are marked) and compares:
//   node scripts/check-numbers.mjs             what takes seconds
//   node scripts/check-numbers.mjs --nightly   all; --only WORD: commands and pages with that word
//   node scripts/check-numbers.mjs --list      runs nothing: that marks are well-formed and commands exist, and which numbers have no mark
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { problemOf } from './numbers/commands.mjs';
import { compareNumbers, readMarks, unmarked } from './numbers/marks.mjs';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { nightly: { type: 'boolean' }, list: { type: 'boolean' }, only: { type: 'string', default: '' } },
});

const pages = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((page) => page !== '' && !/^(docs\/references|\.changeset)\//.test(page));
const read = pages.map((page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const { marks, problems } = readMarks(page, text);
  return { page, marks, problems, without: unmarked(text, marks) };
});
const problems = read.flatMap((page) => page.problems);
const marks = read.flatMap((page) => page.marks);
for (const { page, command, kind } of marks) {
  const problem = kind === 'recorded' ? undefined : problemOf(root, command);
  if (problem !== undefined) problems.push(`${page}: '${command}': ${problem}`);
}

if (values.list) {
  for (const { page, marks, without } of read) {
    const count = marks.reduce((sum, { numbers }) => sum + numbers.length, 0);
    if (count + without.length > 0)
      console.log(`${page}: ${count} numbers with a command; without: ${without.join(', ') || 'none'}`);
  }
} else {
  const chosen = marks.filter(
    ({ page, command, kind }) =>
      (kind === 'cheap' || (values.nightly && kind === 'nightly')) &&
      (page.includes(values.only) || command.includes(values.only)),
  );
  if (chosen.length === 0) problems.push(`no command of ${marks.length} has been run: none fits the options`);
  for (const command of new Set(chosen.map((mark) => mark.command))) {
    console.error(`${command} …`);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) {
      problems.push(`${command} ended with ${status}: ${stderr.trim().split('\n').at(-1)}`);
      continue;
    }
    for (const mark of chosen.filter((mark) => mark.command === command)) {
      problems.push(...compareNumbers(mark, stdout));
      console.log(`${mark.page}: ${mark.numbers.length} numbers of '${command}' compared`);
    }
  }
}

for (const problem of problems) console.error(problem);
const total = marks.reduce((sum, { numbers }) => sum + numbers.length, 0);
console.log(`${total} numbers on ${new Set(marks.map(({ page }) => page)).size} pages; ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
