// The public names of the packages, entry by entry: what each is, and where it is declared.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const root = join(import.meta.dirname, '..');

/**
 * Entries whose names can change in any release: for the packages of this repository, not promised
 * to anybody else.
 */
const UNPROMISED = [
  ...['@sp/quant/cli', '@sp/quant/files', '@sp/quant/numeric', '@sp/quant/parts', '@sp/quant/suggest'],
  ...['@sp/layers/formats', '@sp/layers/kernels'],
];

/**
 * What a module exports: name → { isType, from }, where `from` is the file that the name is taken
 * from, or the package. Entries are tables of contents: lists of names, stars, and declarations.
 */
function exportsOf(file) {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const here = relative(root, file);
  const place = (from) => {
    if (from === undefined) return here;
    return from.startsWith('.') ? relative(root, join(dirname(file), from)) : from;
  };
  const names = new Map();
  for (const [, type, list, , from] of text.matchAll(/^export (type )?\{([^}]*)\}( from '([^']+)')?/gm)) {
    for (const entry of list.split(',').map((each) => each.trim())) {
      if (entry === '') continue;
      const isType = type !== undefined || entry.startsWith('type ');
      names.set(entry.replace(/^type /, '').replace(/^.* as /, ''), { isType, from: place(from) });
    }
  }
  const declared = /^export (?:abstract |async )?(class|function\*?|const|interface|type) (\w+)/gm;
  for (const [, kind, name] of text.matchAll(declared)) {
    names.set(name, { isType: kind === 'interface' || kind === 'type', from: here });
  }
  for (const [, type, path] of text.matchAll(/^export (type )?\* from '(\.[^']+)'/gm)) {
    for (const [name, { isType, from }] of exportsOf(join(dirname(file), path))) {
      names.set(name, { isType: isType || type !== undefined, from });
    }
  }
  const rest = text.replace(/^export (?:type )?\{[^}]*\}/gm, '').replace(/^export (?:type )?\* from '\.[^']+'/gm, '');
  const strange = rest
    .split('\n')
    .find(
      (line) =>
        /^export\b/.test(line) &&
        !/^export (?:abstract |async )?(?:class|function\*?|const|interface|type) \w+/.test(line),
    );
  if (strange !== undefined)
    throw new Error(`${here}: '${strange}': write a list of names; what this brings in cannot be counted`);
  return names;
}

/** Entry (`@sp/quant/adders`) → its names, for all entries that users may import. */
export function publicNames() {
  const found = new Map();
  for (const name of ['quant', 'layers', 'train', 'hls', 'viz', 'rtl', 'search']) {
    const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    for (const [path, { '@sp/source': source }] of Object.entries(exports)) {
      const entry = `@sp/${name}${path.slice(1)}`;
      if (source === undefined || path === './internal' || UNPROMISED.includes(entry)) continue;
      found.set(entry, exportsOf(join(root, 'packages', name, source)));
    }
  }
  return found;
}
