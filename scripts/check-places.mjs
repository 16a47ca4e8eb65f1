// Every place that docs/where-is.md and docs/adding-an-op.md name must exist; run by `npm run lint:repo`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const problems = [];
const text = (...path) => readFileSync(join(root, ...path), 'utf8');

/** What a guide names, and at least so many. */
function check(guide, pattern, least) {
  const places = [...text('docs', guide).matchAll(pattern)].map(([, file, name]) => ({ file, name }));
  for (const { file, name } of places) {
    if (!existsSync(join(root, file))) problems.push(`docs/${guide}: there is no ${file}`);
    else if (name !== undefined && !new RegExp(`\\b${name}\\b`).test(text(file))) {
      problems.push(`docs/${guide}: there is no ${name} in ${file}`);
    }
  }
  if (places.length < least) problems.push(`docs/${guide}: only ${places.length} places are named; ${least} at least`);
  return places.length;
}

const found =
  check('where-is.md', /^\|[^|]+\| `([^`#]+)(?:#([^`]+))?` \|$/gm, 20) +
  check('adding-an-op.md', /`((?:packages|apps|test|docs|\.changeset)\/[^`]+)`/g, 20);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`docs: all ${found} places exist`);
