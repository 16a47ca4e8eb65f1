import { FileError, nodeModules, pathOf, systemError } from '@sp/quant/files';
import { checkHead, entryOf, journalHead, lineOf, syncFolderOf } from './journal-lines.ts';
import type { Json } from './trial.ts';

/** A journal that several processes write at a time. */
export interface SharedJournal<Entry> {
  /** All that is known of it here: what was in it when it was last looked at. */
  readonly entries: readonly Entry[];
  /** How many pieces of lines were found whose writers were killed in mid-line; they count as not written. */
  readonly torn: number;
  /** Adds a line, waits until it is on the disk, and looks at what others have added before it. */
  append(entry: Entry): Promise<void>;
  /** Looks at what others have added. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Every line begins so: where a killed writer has left a piece of a line, the next one's stands behind it. */
const BEGIN = '{"sha256":"';

/**
 * Opens a journal that other processes of this machine may write at the same time, or begins one. A line is one write at the end of the file, and the
 * order of the lines is the same for all; where two contradict each other (two claims of the same thing), the first one holds. A piece of a line, left
 * by a writer that was killed, is passed over wherever it is. Node only.
 *
 * The file has to lie on a disk of the machine: network file systems do not append in one step.
 *
 * @param kind what the journal is of, e.g. `search`
 * @param settings all that decides what follows; a journal of others is refused. Null: whatever it was begun with; it has to exist
 * @throws FileError for a journal of another kind or other settings, with the first that differs, and for a whole line whose checksum does not fit
 */
export async function openSharedJournal<Entry extends object>(
  place: string | URL,
  kind: string,
  settings: Readonly<Record<string, Json>> | null,
): Promise<SharedJournal<Entry> & { readonly settings: Readonly<Record<string, Json>> }> {
  const file = pathOf(place);
  const { fs, path } = nodeModules();
  try {
    if (settings !== null) await fs.mkdir(path.dirname(file), { recursive: true });
    const handle = await fs.open(file, settings === null ? 'r+' : 'a+').catch((cause) => {
      if (cause.code !== 'ENOENT') throw cause;
      throw new FileError(file, 'does not exist', 'name the folder of a study that was begun', { cause });
    });
    const appender = await fs.open(file, 'a');
    const all: Readonly<Record<string, unknown>>[] = [];
    const entries: Entry[] = [];
    let [offset, torn] = [0, 0];
    let queue: Promise<void> = Promise.resolve();
    const inTurn = (work: () => Promise<void>): Promise<void> => {
      queue = queue.catch(() => {}).then(work);
      return queue;
    };
    const read = async (): Promise<void> => {
      const { size } = await handle.stat();
      if (size <= offset) return;
      const bytes = Buffer.alloc(size - offset);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
      const whole = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      for (const line of bytes.toString('utf8', 0, whole).split('\n').slice(0, -1)) {
        const found = wholeEntry(line, file, all.length + torn + 1);
        if (found === null || found.behind) torn++;
        if (found === null) continue;
        if (all.push(found.entry) > 1 && found.entry['journal'] === undefined) entries.push(found.entry as Entry);
      }
      offset += whole;
    };
    const write = async (entry: object): Promise<void> => {
      const line = lineOf(entry);
      try {
        await appender.appendFile(line);
        await appender.sync();
      } catch (error) {
        throw await systemError(error, 'written', file, line.length);
      }
      await read();
    };
    const close = async (): Promise<void> => {
      await queue.catch(() => {});
      await handle.close();
      await appender.close();
    };
    try {
      await read();
      if (all.length === 0) {
        if (settings === null) throw new FileError(file, 'is empty', 'name the folder of a study that was begun');
        await write(journalHead(kind, settings));
        await syncFolderOf(file);
      }
      // Of two that began it at the same time the first one counts.
      const head = Object(all[0]['settings']) as Readonly<Record<string, Json>>;
      checkHead(all[0], journalHead(kind, settings ?? head), file);
      return {
        settings: head,
        entries,
        get torn() {
          return torn;
        },
        append: (entry) => inTurn(() => write(entry)),
        refresh: () => inTurn(read),
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    throw await systemError(error, 'written', file);
  }
}

/** What a line says, and whether it stands behind a piece of another one; null: it is but a piece. */
function wholeEntry(
  line: string,
  file: string,
  number: number,
): { readonly entry: Readonly<Record<string, unknown>>; readonly behind: boolean } | null {
  for (let from = 0; from !== -1; from = line.indexOf(BEGIN, from + 1)) {
    const text = line.slice(from);
    // What was cut off is never JSON: the last bracket is missing.
    if (isJson(text)) return { entry: entryOf(text, file, number), behind: from > 0 };
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
