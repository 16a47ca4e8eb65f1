import { cppSource } from './cpp-source.ts';

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
