// No module may lead back to itself by its imports, those of types included; run by `npm run lint:repo`.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const root = join(import.meta.dirname, '..');
const listed = (...patterns) =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns], { cwd: root })
    .toString()
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)));
const text = (file) => readFileSync(join(root, file), 'utf8');

/** What `@sp/…` stands for: the sources of the packages' entries. */
const entries = new Map(
  listed('**/package.json').flatMap((file) => {
    const { name, exports = {} } = JSON.parse(text(file));
    return Object.entries(exports).flatMap(([entry, { '@sp/source': source }]) =>
      source === undefined ? [] : [[posix.join(name, entry), posix.join(dirname(file), source)]],
    );
  }),
);

/** Modules by what each imports, in whatever way: `import`, `export … from`, `import()`, types by name. Examples in comments import nothing. */
function importsOf(files) {
  const known = new Set(files);
  const comment = /^\s*(?:\*|\/\/|\/\*).*$/gm;
  const specifier = /\b(?:from|import)\s*\(?\s*'([^']+)'/g;
  const resolve = (file, path) => (path.startsWith('.') ? posix.join(dirname(file), path) : entries.get(path));
  return new Map(
    files.map((file) => [
      file,
      [...text(file).replace(comment, '').matchAll(specifier)]
        .map(([, path]) => resolve(file, path))
        .filter((path) => known.has(path)),
    ]),
  );
}

/** Tarjan's strongly connected components: those of more than one module, and modules that import themselves. */
function cyclesOf(imports) {
  const order = new Map();
  const low = new Map();
  const stack = [];
  const cycles = [];
  function visit(file) {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const next of imports.get(file)) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1 || imports.get(file).includes(file)) cycles.push(component.sort());
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return cycles;
}

// A check that finds nothing must be able to.
const sample = { a: ['b'], b: ['c'], c: ['b', 'd'], d: [], e: ['e'] };
const found = JSON.stringify(cyclesOf(new Map(Object.entries(sample))));
if (found !== '[["b","c"],["e"]]') throw new Error(`two cycles of a sample were not found: ${found}`);

const modules = importsOf(listed('*.ts', '*.tsx').filter((file) => !file.endsWith('.d.ts')));
const count = [...modules.values()].flat().length;
if (count < 2 * modules.size) throw new Error(`only ${count} imports were seen in ${modules.size} modules`);
const cycles = cyclesOf(modules);
for (const cycle of cycles) console.error(`a cycle of imports:\n  ${cycle.join('\n  ')}`);
if (cycles.length > 0) process.exitCode = 1;
else console.log(`no cycle among ${count} imports of ${modules.size} modules`);
