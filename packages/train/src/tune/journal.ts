import { nodeModules, pathOf, systemError } from '@sp/quant/files';
import { checkHead, entryOf, journalHead, lineOf, plain, syncFolderOf } from './journal-lines.ts';
import type { Json } from './trial.ts';

/** A file that only grows: a first line that says what of, and a line for everything that was finished. */
export interface Journal<Entry> {
  /** What is in it. */
  readonly entries: readonly Entry[];
  /** Adds a line and waits until it is on the disk. */
  append(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

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
  const head = journalHead(kind, settings);
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
        const line = lineOf(entry);
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
  return { entries: lines.map((line, j) => entryOf(line, file, j + 1)), size };
}
