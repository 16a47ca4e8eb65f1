/** Puts the texts of `cpp/` into the built `dist/emit/cpp-source.js`: nothing is read when firmware is emitted, in Node or in a page. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const built = join(root, 'dist', 'emit', 'cpp-source.js');
// tsc must have made what this takes the place of.
statSync(built);
const texts = Object.fromEntries(
  readdirSync(join(root, 'cpp')).map((name) => [name, readFileSync(join(root, 'cpp', name), 'utf8')]),
);
const module = `const texts = ${JSON.stringify(texts, null, 1)};
export function cppSource(name) {
    if (!Object.hasOwn(texts, name)) throw new Error(\`no "\${name}" in this package\`);
    return texts[name];
}
`;
writeFileSync(built, module);
