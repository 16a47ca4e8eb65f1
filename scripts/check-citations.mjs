// Citations such as "hgq2 §5.2" must lead to a heading of docs/references; run by `npm run lint:repo`.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const references = join(root, 'docs', 'references');
const text = (file) => readFileSync(file, 'utf8');

/** The numbers of a reference's headings: `## 5. Layers` and `### 5.2 Core layers` give 5 and 5.2. */
const headings = new Map(
  readdirSync(references).map((file) => [
    basename(file, '.md'),
    new Set([...text(join(references, file)).matchAll(/^#+ (\d+(?:\.\d+)*)\.? /gm)].map(([, number]) => number)),
  ]),
);
headings.delete('index');

const names = [...headings.keys()].join('|');
const number = String.raw`§\d+(?:\.\d+)*`;
const citation = new RegExp(
  String.raw`\b(${names})(?:\.md)?[\]\`*]*(?:\([^)]*\))?,?\s+(${number}(?:(?:,| and|–|-| to)\s*${number})*)`,
  'gi',
);
const stray = /§/g;

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter(
    (file) =>
      /\.(ts|mts|mjs|md|h|cpp)$/.test(file) &&
      !file.startsWith('docs/references/') &&
      file !== 'scripts/check-citations.mjs',
  );

let cited = 0;
const problems = [];
for (const file of files) {
  // A comment may break between the name and the number.
  const content = text(join(root, file)).replace(
    /\n[ \t]*(?:\*|\/\/)(?=[ \t])/g,
    (lead) => `\n${' '.repeat(lead.length - 1)}`,
  );
  const at = (index) => `${file}:${content.slice(0, index).split('\n').length}`;
  const seen = new Set();
  for (const match of content.matchAll(citation)) {
    const [whole, name, list] = match;
    for (const found of whole.matchAll(stray)) seen.add(match.index + found.index);
    for (const [cite] of list.matchAll(/\d+(?:\.\d+)*/g)) {
      cited++;
      if (!headings.get(name.toLowerCase()).has(cite)) {
        problems.push(
          `${at(match.index)}: '${name} §${cite}' leads nowhere: docs/references/${name.toLowerCase()}.md has no heading ${cite}`,
        );
      }
    }
  }
  for (const { index } of content.matchAll(stray)) {
    if (!seen.has(index))
      problems.push(
        `${at(index)}: '${content.slice(index, index + 8).split('\n')[0]}' does not say of which reference; write for example 'hgq2 §5.2'`,
      );
  }
}
for (const problem of problems) console.error(problem);
console.error(`${cited} citations of docs/references, ${problems.length} of them lead nowhere`);
process.exitCode = problems.length === 0 ? 0 : 1;
