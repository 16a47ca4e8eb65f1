import { readFileSync } from 'node:fs';

/** C++ that ships with this package in `cpp/`, two folders above this module both in `src` and in `dist`. */
export function cppSource(name: string): string {
  return readFileSync(new URL(`../../cpp/${name}`, import.meta.url), 'utf8');
}

/** The given headers of `cpp/` and all of ours that they include, by file name. */
export function kernelFiles(names: Iterable<string>): Map<string, string> {
  const files = new Map<string, string>();
  const add = (name: string): void => {
    if (files.has(name)) return;
    const text = cppSource(name);
    files.set(name, text);
    for (const [, included] of text.matchAll(/^#include "(sp_\w+\.h)"/gm)) add(included);
  };
  for (const name of names) add(name);
  return files;
}
