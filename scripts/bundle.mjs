/**
 * Puts the built modules of the package in the working directory together, one file per entry and what entries share in `chunks/`: Node
 * takes a millisecond per module, and a program that says `--help` should not wait for a hundred of them. Types stay as tsc wrote them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

const { exports, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = [...Object.values(exports).map((paths) => paths.default), ...Object.values(bin)].filter(Boolean);
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((path) => [path.replace(/^\.\/dist\/(.*)\.js$/, '$1'), path])),
  // Other packages stay what they are: everything that is not a path.
  external: /^[^./]/,
  onLog: (level, log, show) => show(level === 'warn' ? 'error' : level, log),
});
const { output } = await bundle.generate({ entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' });
for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  if (path.endsWith('.js')) rmSync(join('dist', path));
}
await bundle.close();
for (const { fileName, code } of output) {
  const path = join('dist', fileName);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
}
