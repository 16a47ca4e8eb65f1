/** The lines of journals: JSON with a checksum, the first one saying what of. */
import { FileError, nodeModules, parseJson, sealed, sealOf } from '@sp/quant/files';
import type { Json } from './trial.ts';

/** Version of the format. */
const VERSION = 1;

/** The first line. */
export interface JournalHead {
  /** What it is of, e.g. `tuning`. */
  readonly journal: string;
  readonly version: number;
  readonly settings: Readonly<Record<string, Json>>;
}

/** What the first line of a journal says. */
export function journalHead(journal: string, settings: Readonly<Record<string, Json>>): JournalHead {
  return { journal, version: VERSION, settings };
}

/** An entry as bytes: JSON with its checksum in front, and the end of the line. */
export function lineOf(entry: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(sealed(entry))}\n`);
}

/**
 * What a line says.
 *
 * @param number counts from 1, for errors
 * @throws FileError for a line that is no JSON or whose checksum does not fit
 */
export function entryOf(line: string, file: string, number: number): Readonly<Record<string, unknown>> {
  const entry = parseJson(line, `${file}, line ${number}`);
  if (typeof entry !== 'object' || entry === null || sealOf(entry) !== 'fits') {
    throw new FileError(
      file,
      `is damaged in line ${number}: its checksum does not fit`,
      'cut the file off before that line to go on from there, or begin anew with another file',
    );
  }
  const { sha256: _, ...content } = entry as Record<string, unknown>;
  return content;
}

/** @throws FileError for the first line of a journal of another kind or other settings, with the first that differs */
export function checkHead(found: Readonly<Record<string, unknown>>, expected: JournalHead, file: string): void {
  const remedy = 'give what it was begun with, or another file';
  for (const key of ['journal', 'version'] as const) {
    if (found[key] === expected[key]) continue;
    throw new FileError(file, `has ${key} ${JSON.stringify(found[key])}, not ${JSON.stringify(expected[key])}`, remedy);
  }
  const was = Object(found['settings']) as Readonly<Record<string, unknown>>;
  const is = plain(expected.settings) as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(is), ...Object.keys(was)])) {
    const [a, b] = [was[key], is[key]].map((value) => shortened(canonical(value)));
    if (canonical(was[key]) === canonical(is[key])) continue;
    throw new FileError(file, `was begun with ${key} ${a}, not ${b}`, remedy);
  }
}

/** As it comes back from a file. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value) ?? 'none';
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}…`;
}

/** A new file is only there for good when its folder's entry is on the disk. */
export async function syncFolderOf(file: string): Promise<void> {
  const { fs, path } = nodeModules();
  const handle = await fs.open(path.dirname(file), 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
