import { FileError, nodeModules, parseJson, pathOf, sealed, sealOf, systemError } from '@sp/quant/files';
import type { Json } from './trial.ts';

/** A file that only grows: a first line that says what of, and a line for everything that was finished. */
export interface Journal<Entry> {
  /** What is in it. */
  readonly entries: readonly Entry[];
  /** Adds a line and waits until it is on the disk. */
  append(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

/** Version of the format. */
const VERSION = 1;

/**
 * Opens a journal, or begins one. Every line is JSON with its own checksum. A last line that was cut short when its process was killed is taken away; what
 * it said was not finished. Node only. Whoever writes has to see to it that nobody else does (`holdFolder` of `@sp/quant/files`).
 *
 * @param kind what the journal is of, e.g. `tuning`
 * @param settings all that decides what follows; a journal of others is refused
 * @throws FileError for a journal of another kind or other settings, with the first that differs, and for damage anywhere but at its end
 */
export async function openJournal<Entry extends object>(
  place: string | URL,
  kind: string,
  settings: Readonly<Record<string, Json>>,
): Promise<Journal<Entry>> {
  const file = pathOf(place);
  const { fs, path } = nodeModules();
  const head = { journal: kind, version: VERSION, settings };
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    const handle = await fs.open(file, 'a+');
    try {
      const { entries, size: whole } = readLines(await fs.readFile(file), file);
      let size = whole;
      await handle.truncate(size);
      const [found, ...rest] = entries;
      if (found !== undefined) checkHead(found, head, file);
      const list = rest as unknown as Entry[];
      const append = async (entry: object): Promise<void> => {
        const line = Buffer.from(`${JSON.stringify(sealed(entry))}\n`);
        try {
          await handle.appendFile(line);
          await handle.sync();
          size += line.length;
        } catch (error) {
          // Of a disk that is full a part of the line may be there.
          await handle.truncate(size).catch(() => {});
          throw await systemError(error, 'written', file, line.length);
        }
      };
      if (found === undefined) {
        await append(head);
        await syncFolderOf(file);
      }
      return {
        entries: list,
        async append(entry) {
          await append(entry);
          list.push(plain(entry) as Entry);
        },
        close: () => handle.close(),
      };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw await systemError(error, 'written', file);
  }
}

/** Whole lines and how many bytes they are. */
function readLines(bytes: Uint8Array, file: string): { entries: Readonly<Record<string, unknown>>[]; size: number } {
  const size = bytes.lastIndexOf(0x0a) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(0, size)).split('\n').slice(0, -1);
  const entries = lines.map((line, j) => {
    const where = `${file}, line ${j + 1}`;
    const entry = parseJson(line, where);
    if (typeof entry !== 'object' || entry === null || sealOf(entry) !== 'fits') {
      throw new FileError(
        file,
        `is damaged in line ${j + 1}: its checksum does not fit`,
        'cut the file off before that line to go on from there, or begin anew with another file',
      );
    }
    const { sha256: _, ...content } = entry as Record<string, unknown>;
    return content;
  });
  return { entries, size };
}

function checkHead(
  found: Readonly<Record<string, unknown>>,
  expected: { readonly journal: string; readonly version: number; readonly settings: Readonly<Record<string, Json>> },
  file: string,
): void {
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
function plain(value: unknown): unknown {
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
async function syncFolderOf(file: string): Promise<void> {
  const { fs, path } = nodeModules();
  const handle = await fs.open(path.dirname(file), 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
