import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writer } from './writers.ts';

/** What lies in a writer's folder besides its state `n`. */
export async function leftovers(writer: Writer, place: string, n: number): Promise<readonly string[]> {
  const wanted = new Set(await writer.files(place, n));
  const found = (await readdir(place, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
  const hidden = (await readdir(place, { recursive: true })).filter((name) => /\.sp-(?:stage|part)/.test(name));
  return [...found.filter((name) => !wanted.has(name)), ...hidden];
}
