import {
  exists,
  holdFolder,
  replaceFolder,
  type StageOptions,
  sweep,
  syncTree,
  withStage,
  writeFileWhole,
} from '@sp/quant/files';
import { FirmwareError } from '../errors.ts';
import { nodeModules } from '../node-modules.ts';
import { inTheWay, keepFiles } from './keep-files.ts';
import { makeFolders } from './make-folders.ts';
import { ownFiles, STAGE } from './written-files.ts';

/** Puts files into a folder that is not there yet. */
export async function makeFolder(
  files: ReadonlyMap<string, string>,
  target: string,
  options: StageOptions,
): Promise<void> {
  const { dirname } = nodeModules().path;
  await makeFolders(dirname(target));
  await replaceFolder(target, (fresh) => putFiles(files, fresh), options);
}

/** Puts a folder with `files`, and all others of `target` but those of the project in it, in the place of `target`. */
export async function exchangeFolder(
  files: ReadonlyMap<string, string>,
  target: string,
  options: StageOptions,
): Promise<void> {
  const { chmod, stat } = nodeModules().fs;
  await replaceFolder(
    target,
    async (fresh) => {
      await settleFiles(target, options);
      const old = await ownFiles(target);
      await putFiles(files, fresh);
      await keepFiles(target, fresh, replaceable(old, files));
      await chmod(fresh, (await stat(target)).mode);
    },
    options,
  );
}

/** Files that may go: those of the project, or, where nobody knows which these are, all that are written again. */
function replaceable(old: ReadonlySet<string>, files: ReadonlyMap<string, string>): ReadonlySet<string> {
  return old.size > 0 ? old : new Set(files.keys());
}

/** In the stage: what is to be done. */
const MOVES = 'moves.json';

/** What `exchangeFiles` is about to do; once it is on the disk, it will be done. */
interface Moves {
  /** Files to take away, in this order. */
  readonly away: readonly string[];
  /** Files to put there, in this order. */
  readonly there: readonly string[];
  /** Folders that are not there yet, inner ones first; absent in moves of earlier versions. */
  readonly folders?: readonly string[];
}

/** Puts `files` in the place of those of the project in `target`, which itself stays, as all others do. */
export async function exchangeFiles(
  files: ReadonlyMap<string, string>,
  target: string,
  options: StageOptions,
): Promise<void> {
  const { mkdir, stat } = nodeModules().fs;
  const { dirname, join } = nodeModules().path;
  const exchange = async (stage: string): Promise<void> => {
    const old = await ownFiles(target);
    await putFiles(files, join(stage, 'new'));
    await syncTree(join(stage, 'new'));
    const ours = replaceable(old, files);
    for (const path of files.keys()) {
      if (!ours.has(path) && (await exists(join(target, path)).catch(() => false))) throw inTheWay(path);
    }
    const away: string[] = [];
    for (const path of ours) {
      const entry = await stat(join(target, path)).catch(() => undefined);
      if (entry?.isDirectory())
        throw new FirmwareError(`"${join(target, path)}" is a folder, not a project's file; move it`);
      if (await exists(join(target, path)).catch(() => false)) away.push(path);
    }
    // A folder without its project.json is no project: nobody takes one for whole while its files are exchanged.
    const last = (path: string) => Number(path === 'project.json');
    away.sort((a, b) => last(b) - last(a));
    const there = [...files.keys()].sort((a, b) => last(a) - last(b));
    const folders = await missingFolders(target, there);
    // Once it has begun, taking it back needs no room on the disk.
    for (const path of away) await mkdir(dirname(join(stage, 'old', path)), { recursive: true });
    // Whole or not there: a half of it would stop every run to come.
    await writeFileWhole(join(stage, MOVES), JSON.stringify({ away, there, folders } satisfies Moves));
    try {
      await forward(target, stage);
    } catch (error) {
      await back(target, stage);
      throw error;
    }
  };
  await holdFolder(target, () => withStage(target, join(target, STAGE), settle(target), exchange, options), options);
}

/** Whether files of a folder were being exchanged when the process was killed. */
export function isHalfExchanged(target: string): Promise<boolean> {
  const { join } = nodeModules().path;
  return exists(join(target, STAGE, MOVES));
}

/**
 * Completes an exchange of files that was killed.
 *
 * @throws FileError when another process is at it
 */
export async function settleFiles(target: string, options: StageOptions): Promise<void> {
  const { join } = nodeModules().path;
  const stage = join(target, STAGE);
  await sweep(target);
  if (await exists(stage)) await withStage(target, stage, settle(target), async () => {}, options);
}

function settle(target: string) {
  const { join } = nodeModules().path;
  return async (stage: string): Promise<string | undefined> => {
    if (!(await exists(join(stage, MOVES)))) return undefined;
    await forward(target, stage);
    return 'the exchange of its files is completed';
  };
}

async function movesOf(stage: string): Promise<Moves> {
  const { readFile } = nodeModules().fs;
  const { join } = nodeModules().path;
  return JSON.parse(await readFile(join(stage, MOVES), 'utf8')) as Moves;
}

/** Does what is left to do, from whatever was done already, and forgets it: what someone puts there afterwards is not ours to move. */
async function forward(target: string, stage: string): Promise<void> {
  const { rm, rmdir } = nodeModules().fs;
  const { dirname, join } = nodeModules().path;
  const { away, there } = await movesOf(stage);
  const coming = new Set(there);
  for (const path of away) {
    const done =
      (await exists(join(stage, 'old', path))) || (coming.has(path) && !(await exists(join(stage, 'new', path))));
    if (!done && (await exists(join(target, path)))) await move(join(target, path), join(stage, 'old', path));
  }
  for (const path of there) {
    if (await exists(join(stage, 'new', path))) await move(join(stage, 'new', path), join(target, path));
  }
  for (const path of away) await rmdir(dirname(join(target, path))).catch(() => {});
  await rm(join(stage, MOVES));
}

/** Undoes what was done, and forgets what was to be done. */
async function back(target: string, stage: string): Promise<void> {
  const { rm, rmdir } = nodeModules().fs;
  const { join } = nodeModules().path;
  const { away, there, folders = [] } = await movesOf(stage);
  for (const path of there.toReversed()) {
    const waits = await exists(join(stage, 'new', path));
    if (!waits) await move(join(target, path), join(stage, 'new', path));
  }
  for (const path of away.toReversed()) {
    if (await exists(join(stage, 'old', path))) await move(join(stage, 'old', path), join(target, path));
  }
  for (const folder of folders) await rmdir(join(target, folder)).catch(() => {});
  await rm(join(stage, MOVES));
}

/** The folders of these files that `target` has not, inner ones first. */
async function missingFolders(target: string, paths: readonly string[]): Promise<readonly string[]> {
  const { dirname, join } = nodeModules().path;
  const all = new Set<string>();
  for (const path of paths) for (let at = dirname(path); at !== '.'; at = dirname(at)) all.add(at);
  const found: string[] = [];
  for (const folder of all) if (!(await exists(join(target, folder)))) found.push(folder);
  return found.sort((a, b) => b.length - a.length);
}

async function move(from: string, to: string): Promise<void> {
  const { mkdir, rename } = nodeModules().fs;
  const { dirname } = nodeModules().path;
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}

async function putFiles(files: ReadonlyMap<string, string>, folder: string): Promise<void> {
  const { chmod, mkdir, writeFile } = nodeModules().fs;
  const { dirname, join } = nodeModules().path;
  await mkdir(folder, { recursive: true });
  for (const [path, text] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (path.endsWith('.sh')) await chmod(file, 0o755);
  }
}
