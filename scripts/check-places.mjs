// Every place that docs/where-is.md names must exist; run by `npm run lint:repo`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const guide = readFileSync(join(root, 'docs', 'where-is.md'), 'utf8');
const places = [...guide.matchAll(/^\|[^|]+\| `([^`#]+)(?:#([^`]+))?` \|$/gm)].map(([, file, name]) => ({
  file,
  name,
}));

const problems = places.flatMap(({ file, name }) => {
  const path = join(root, file);
  if (!existsSync(path)) return [`there is no ${file}`];
  const named = name === undefined || new RegExp(`\\b${name}\\b`).test(readFileSync(path, 'utf8'));
  return named ? [] : [`there is no ${name} in ${file}`];
});
if (places.length < 20) problems.push(`only ${places.length} places are named; 20 at least`);

for (const problem of problems) console.error(`docs/where-is.md: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`docs/where-is.md: all ${places.length} places exist`);
