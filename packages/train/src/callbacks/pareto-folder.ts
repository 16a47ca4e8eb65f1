import { nodeModules, removeFolder, writeFileWhole } from '@sp/quant/files';

/** A model on the front. */
export interface ParetoRecord {
  /** Counted from 1, as in the logs. */
  readonly epoch: number;
  /** One number per metric. */
  readonly values: readonly number[];
  /** Folder of the model within the front's directory. */
  readonly file: string;
}

/** What `front.json` says. */
interface Front {
  readonly metrics: readonly string[];
  readonly sides: readonly number[];
  readonly records: readonly ParetoRecord[];
  /** Folders that are not on the front (any more), but may lie there: half saved, or about to be removed. */
  readonly leaving?: readonly string[];
}

/**
 * Saves the model that enters a front, and removes all that have left it. Whenever the process is killed, `front.json` lists models that are whole, and
 * names what else of ours may lie beside them: the next exchange removes it, of whatever training and by whatever name.
 *
 * @param file folder of the new model within `directory`
 */
export async function exchangeModels(
  directory: string,
  front: Front,
  file: string,
  save: (target: string) => Promise<void>,
): Promise<void> {
  const { join } = nodeModules().path;
  const list = join(directory, 'front.json');
  const write = (content: Front) => writeFileWhole(list, `${JSON.stringify(content, null, 2)}\n`);
  await nodeModules().fs.mkdir(directory, { recursive: true });
  const { leaving = [], ...before } = await listed(list, { ...front, records: [] });
  // A model that takes the name of one on the front is exchanged in one step.
  const isNew = before.records.every((record) => record.file !== file);
  if (isNew) await write({ ...before, leaving: [...new Set([...leaving, file])] });
  await save(join(directory, file));
  const stay = new Set(front.records.map((record) => record.file));
  const go = new Set([...before.records.map((record) => record.file), ...leaving].filter((name) => !stay.has(name)));
  await write(go.size === 0 ? front : { ...front, leaving: [...go] });
  for (const name of go) await removeFolder(join(directory, name));
}

/** What the list says; of folders, those within its own, whatever a damaged list says. */
async function listed(path: string, none: Front): Promise<Front> {
  const { fs, path: paths } = nodeModules();
  const isInside = (name: unknown): name is string => {
    if (typeof name !== 'string' || paths.isAbsolute(name)) return false;
    const parts = paths.normalize(name).split(/[\\/]/);
    return !parts.includes('..') && parts[0] !== '' && parts[0] !== '.';
  };
  const text = await fs.readFile(path, 'utf8').catch(() => '');
  try {
    const front = JSON.parse(text) as Front;
    const records = front.records.filter(({ file }) => isInside(file));
    return { ...front, records, leaving: (front.leaving ?? []).filter(isInside) };
  } catch {
    return none;
  }
}
