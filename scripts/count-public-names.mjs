// Counts the public names of the packages and holds them under a limit, so that a door gets wider only on purpose; run by `npm run lint:repo`. `--list` prints them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Limits of names that run: functions, classes and constants. Types are counted beside them, not limited: the options and results of a function are documented
 * where it is. Entries that came later have limits of their own.
 */
const LIMITS = [
  {
    limit: 400,
    entries: [
      ...['@sp/quant', '@sp/quant/adders', '@sp/quant/expression', '@sp/layers', '@sp/layers/keras', '@sp/train'],
      ...['@sp/train/hdf5', '@sp/hls', '@sp/viz', '@sp/viz/png'],
    ],
  },
  { limit: 55, entries: ['@sp/layers/hgq1', '@sp/layers/keras2'] },
  { limit: 45, entries: ['@sp/layers/qkeras'] },
  { limit: 50, entries: ['@sp/train/prune'] },
  { limit: 30, entries: ['@sp/train/tune'] },
  { limit: 25, entries: ['@sp/rtl'] },
  { limit: 40, entries: ['@sp/search', '@sp/search/network'] },
];

/** For the packages of this repository only; other code does not import them. */
const SHARED = [
  ...['@sp/quant/cli', '@sp/quant/files', '@sp/quant/numeric', '@sp/quant/parts', '@sp/quant/suggest'],
  ...['@sp/layers/formats', '@sp/layers/kernels'],
];

/** What a module exports, by name: whether it is a type. Entries are tables of contents: lists of names, stars, and declarations. */
function exportsOf(file) {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const names = new Map();
  for (const [, type, list] of text.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const entry of list.split(',').map((each) => each.trim())) {
      if (entry === '') continue;
      names.set(entry.replace(/^type /, '').replace(/^.* as /, ''), type !== undefined || entry.startsWith('type '));
    }
  }
  const declared = /^export (?:abstract |async )?(class|function\*?|const|interface|type) (\w+)/gm;
  for (const [, kind, name] of text.matchAll(declared)) names.set(name, kind === 'interface' || kind === 'type');
  for (const [, type, path] of text.matchAll(/^export (type )?\* from '(\.[^']+)'/gm)) {
    for (const [name, isType] of exportsOf(join(dirname(file), path))) names.set(name, isType || type !== undefined);
  }
  return names;
}

const found = new Map();
for (const name of ['quant', 'layers', 'train', 'hls', 'viz', 'rtl', 'search']) {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  for (const [entry, { '@sp/source': source }] of Object.entries(exports)) {
    if (source === undefined) continue;
    found.set(`@sp/${name}${entry.slice(1)}`, exportsOf(join(root, 'packages', name, source)));
  }
}

const problems = [];
const limited = new Set([...LIMITS.flatMap(({ entries }) => entries), ...SHARED]);
for (const entry of found.keys()) if (!limited.has(entry)) problems.push(`${entry} has no limit`);
for (const { limit, entries } of LIMITS) {
  const counts = entries.map((entry) => {
    const names = found.get(entry);
    if (names === undefined || names.size === 0) problems.push(`${entry} exports nothing`);
    const types = [...(names ?? [])].filter(([, isType]) => isType).length;
    return { entry, types, values: (names?.size ?? 0) - types };
  });
  const total = counts.reduce((sum, { values }) => sum + values, 0);
  const types = counts.reduce((sum, each) => sum + each.types, 0);
  console.log(
    `${total} names of at most ${limit}, and ${types} types: ${counts.map(({ entry, values }) => `${entry} ${values}`).join(', ')}`,
  );
  if (total > limit) {
    problems.push(
      `${total} names, more than ${limit}: make internal what users do not need, or raise the limit on purpose`,
    );
  }
  if (process.argv.includes('--list')) {
    for (const entry of entries) {
      const names = [...(found.get(entry) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      console.log(`\n${entry}\n  ${names.map(([name, isType]) => (isType ? `type ${name}` : name)).join('\n  ')}`);
    }
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
