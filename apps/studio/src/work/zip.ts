import { strToU8, type Zippable, zipSync } from 'fflate';

/** Files as a zip file, the same bytes for the same files. */
export function zipped(files: ReadonlyMap<string, string | Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const [path, content] of files) entries[path] = typeof content === 'string' ? strToU8(content) : content;
  return zipSync(entries, { mtime: new Date(1980, 0, 2) });
}
