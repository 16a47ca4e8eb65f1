/**
 * C++ that ships with this package, by the name of its file in `cpp/`. The build puts a module with the texts themselves into this one's place
 * (`scripts/embed-cpp.mjs`), so that a page can emit, too.
 */
export function cppSource(name: string): string {
  return process.getBuiltinModule('node:fs').readFileSync(new URL(`../../cpp/${name}`, import.meta.url), 'utf8');
}
