// Keeps the door narrow; run by `npm run lint:repo`. Counts the public names of the packages, types
// included, and holds them under a limit, so that it gets wider only on purpose; refuses a name
// that nobody outside its package uses and no page explains, and one that means two things.
// `--list` prints the names.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicNames, root } from './public-names.mjs';

/** Limits of names. Entries that came later have limits of their own. */
const LIMITS = [
  {
    limit: 400,
    entries: [
      ...['@sp/quant', '@sp/quant/adders', '@sp/quant/expression', '@sp/layers', '@sp/layers/keras', '@sp/train'],
      ...['@sp/train/hdf5', '@sp/hls', '@sp/viz', '@sp/viz/png'],
    ],
  },
  { limit: 50, entries: ['@sp/layers/hgq1', '@sp/layers/keras2'] },
  { limit: 35, entries: ['@sp/layers/qkeras'] },
  { limit: 50, entries: ['@sp/train/prune'] },
  { limit: 28, entries: ['@sp/train/tune'] },
  { limit: 25, entries: ['@sp/rtl'] },
  { limit: 35, entries: ['@sp/search', '@sp/search/network'] },
];

const found = publicNames();
const problems = [...withinLimits(), ...ofOneMeaning(), ...ofUse()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function* withinLimits() {
  const limited = LIMITS.flatMap(({ entries }) => entries);
  for (const entry of found.keys()) if (!limited.includes(entry)) yield `${entry} has no limit`;
  for (const { limit, entries } of LIMITS) {
    for (const entry of entries) if (!found.get(entry)?.size) yield `${entry} exports nothing`;
    const sizes = entries.map((entry) => found.get(entry)?.size ?? 0);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const types = entries.flatMap((entry) => [...(found.get(entry)?.values() ?? [])]).filter(({ isType }) => isType);
    const shares = entries.map((entry, at) => `${entry} ${sizes[at]}`).join(', ');
    console.log(`${total} names of at most ${limit}, ${types.length} of them types: ${shares}`);
    if (total > limit) yield `${total} names, more than ${limit}: move behind /internal what users do not need`;
    if (process.argv.includes('--list')) for (const entry of entries) list(entry);
  }
}

function list(entry) {
  const names = [...found.get(entry)].map(([name, { isType }]) => (isType ? `type ${name}` : name));
  console.log(`\n${entry}\n  ${names.sort().join('\n  ')}`);
}

/** A name may be in two entries only if it is the same thing. */
function* ofOneMeaning() {
  const origins = new Map();
  for (const [entry, names] of found) {
    for (const name of names.keys()) {
      const origin = originOf(entry, name);
      const before = origins.get(name);
      if (before !== undefined && before.origin !== origin) {
        yield `'${name}' is one thing in ${before.entry} (${before.origin}) and another in ${entry} (${origin}): rename one`;
      }
      origins.set(name, { entry, origin });
    }
  }
}

/** The file a name comes from, through entries of other packages that hand it on. */
function originOf(entry, name) {
  const { from } = found.get(entry).get(name);
  return found.get(from)?.has(name) ? originOf(from, name) : from;
}

function* ofUse() {
  const files = execFileSync('git', ['-C', root, 'ls-files'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(ts|tsx|mjs|md)$/.test(file) && !/CHANGELOG|^\.changeset|^docs\/references/.test(file))
    .filter((file) => existsSync(join(root, file)))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  const pages = files.filter(({ file }) => file.endsWith('.md'));
  const inline = pages.flatMap(({ text }) => [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)]);
  const explained = new Set(inline.map(([, code]) => /^(?:new )?(?:\w+\.)?([A-Za-z_]\w*)/.exec(code)?.[1]));
  for (const [entry, names] of found) {
    const own = `packages/${entry.split('/')[1]}/`;
    const used = new Set(
      files
        .filter(({ file }) => file.endsWith('.md') || !file.startsWith(own))
        .flatMap(({ text }) => importedFrom(entry, text)),
    );
    for (const name of names.keys()) {
      if (explained.has(name) || used.has(name)) continue;
      yield `'${name}' of ${entry} is used by no other package and explained on no page: document it or move it behind /internal`;
    }
  }
}

/**
 * The names of an entry that a file or the programs of a page import, one by one or through the
 * whole of it.
 */
function importedFrom(entry, text) {
  const lists = [...text.matchAll(/(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g)];
  const picked = lists.filter(([, , from]) => from === entry).flatMap(([, list]) => list.split(','));
  const spaces = [...text.matchAll(/import \* as (\w+) from '([^']+)'/g)].filter(([, , from]) => from === entry);
  const late = [...text.matchAll(/\{([^{}]*)\}\s*=\s*await import\('([^']+)'\)/g)].filter(
    ([, , from]) => from === entry,
  );
  return [
    ...[...picked, ...late.flatMap(([, list]) => list.split(','))].map((each) =>
      each
        .trim()
        .replace(/^type /, '')
        .replace(/(?: as |:).*$/, ''),
    ),
    ...spaces.flatMap(([, space]) =>
      [...text.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, 'g'))].map(([, name]) => name),
    ),
  ];
}
