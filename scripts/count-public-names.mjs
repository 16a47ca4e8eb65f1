// Keeps the door narrow; run by `npm run lint:repo`. Counts the public names of the packages, types included, and holds them under a limit, so that
// it gets wider only on purpose; refuses a name that nobody outside its package uses and no page explains, and one that means two things. `--list`
// prints the names.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
  { limit: 26, entries: ['@sp/train/tune'] },
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
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  const pages = files.filter(({ file }) => file.endsWith('.md'));
  const documented = wordsOf(pages.flatMap(({ text }) => text.match(/```[\s\S]*?```|`[^`\n]+`/g) ?? []));
  for (const [entry, names] of found) {
    const own = `packages/${entry.split('/')[1]}/`;
    const users = files.filter(
      ({ file, text }) => !file.endsWith('.md') && !file.startsWith(own) && text.includes(`'${entry}'`),
    );
    const used = wordsOf(users.map(({ text }) => text));
    for (const name of names.keys()) {
      if (documented.has(name) || used.has(name)) continue;
      yield `'${name}' of ${entry} is used by no other package and explained on no page: document it or move it behind /internal`;
    }
  }
}

function wordsOf(texts) {
  return new Set(texts.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []));
}
