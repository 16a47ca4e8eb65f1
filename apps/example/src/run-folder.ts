import { cp, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Logs, TimedWarning } from '@sp/train';
import { commandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import type { DataSource } from './options.ts';

/** What a run folder remembers of its training, in `run.json`. */
export interface RunRecord {
  readonly version: 1;
  readonly data: DataSource & { readonly description: string };
  readonly seed: number;
  readonly epochs: number;
  /** Epoch whose weights were kept, counted from 0. */
  readonly bestEpoch: number;
  readonly trainingSeconds: number;
  /** What computed the training, as `fit` tells it. */
  readonly engine: string;
  readonly history: readonly Readonly<Logs>[];
  /** What was printed while training; absent in runs of earlier versions. */
  readonly warnings?: readonly TimedWarning[];
}

const recordFile = 'run.json';

/**
 * Refuses a target that holds something else than a run of ours or cannot be replaced, before any work is done.
 *
 * @throws UsageError naming the folder.
 */
export async function checkTarget(out: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(out);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return checkParent(out);
    throw new UsageError(
      `--out ${out}: ${code === 'ENOTDIR' ? 'is no folder, or a part of the path is none' : `cannot be read (${String(code)})`}; name another folder`,
      { cause },
    );
  }
  if (names.length > 0 && !(await holdsRun(out))) {
    throw new UsageError(`--out ${out}: holds something else than a run of sp-example; name a new or empty folder`);
  }
  await checkReplaceable(out);
}

/**
 * Refuses an existing folder that cannot give way to a new one.
 *
 * @throws UsageError naming the folder.
 */
export async function checkReplaceable(out: string): Promise<void> {
  const folder = await realpath(out);
  const way = relative(folder, await realpath(process.cwd()));
  if (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..') {
    throw new UsageError(
      `--out ${out}: is replaced as a whole, and you are in it; go up with cd and name it from there, or name another folder`,
    );
  }
  const [own, above] = await Promise.all([stat(folder), stat(dirname(folder))]);
  if (own.dev !== above.dev) {
    throw new UsageError(`--out ${out}: is a mount point, which cannot be replaced; name a folder in it`);
  }
}

async function checkParent(out: string): Promise<void> {
  if ((await lstat(out).catch(() => undefined)) !== undefined) {
    throw new UsageError(`--out ${out}: is a link to something that is not there; name another folder`);
  }
  try {
    await makeFolders(dirname(resolve(out)));
  } catch (cause) {
    throw new UsageError(
      `--out ${out}: its parent folder cannot be made (${(cause as Error).message}); name another folder`,
      { cause },
    );
  }
}

/** As a recursive `mkdir`, which never returns where a file system refuses by saying ENOENT (`/proc`). */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolders(dirname(path));
      await mkdir(path);
    } else if (!(await stat(path).catch(() => undefined))?.isDirectory()) {
      throw error;
    }
  }
}

/**
 * Calls `fill` with a temporary folder beside `out` and puts that in the place of `out` when it is complete. If `fill` fails, nothing of it
 * remains and what was in `out` stays. A link is followed.
 *
 * @param from a run folder whose contents to begin with.
 */
export async function replaceFolder<Result>(
  out: string,
  fill: (folder: string) => Promise<Result>,
  from?: string,
): Promise<Result> {
  const target = await realpath(out).catch(() => resolve(out));
  await makeFolders(dirname(target));
  const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  let remove = true;
  try {
    const folder = join(temporary, 'new');
    if (from === undefined) await mkdir(folder);
    else await cp(await realpath(from), folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const result = await fill(folder);
    const old = join(temporary, 'old');
    await rename(target, old).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
    });
    try {
      await rename(folder, target);
    } catch (cause) {
      // Should even going back fail, both stay where they are: nothing is removed that was there before.
      remove = false;
      await rename(old, target).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      remove = true;
      throw cause;
    }
    return result;
  } finally {
    if (remove) await rm(temporary, { recursive: true, force: true });
  }
}

/** Writes `run.json`. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeFile(join(folder, recordFile), `${JSON.stringify(record, null, 1)}\n`);
}

/**
 * Reads `run.json`.
 *
 * @throws UsageError if the folder holds no run.
 */
export async function readRecord(folder: string): Promise<RunRecord> {
  let text: string;
  try {
    text = await readFile(join(folder, recordFile), 'utf8');
  } catch (cause) {
    throw new UsageError(
      `--out ${folder}: holds no run (no ${recordFile}); train one first: ${commandLine(['train', '--out', folder])}`,
      { cause },
    );
  }
  const record = parseRecord(text);
  if (record?.version === 1) return record;
  throw new UsageError(`--out ${folder}: its ${recordFile} is damaged or of another version; train again`);
}

async function holdsRun(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, recordFile), 'utf8').catch(() => '');
  return parseRecord(text) !== undefined;
}

/** What a `run.json` of any version says, or undefined if it is someone else's or damaged. */
function parseRecord(text: string): RunRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<RunRecord> | null;
    const { kind } = (record?.data ?? {}) as { kind?: unknown };
    const ours = Number.isInteger(record?.version) && typeof kind === 'string' && Array.isArray(record?.history);
    return ours ? (record as RunRecord) : undefined;
  } catch {
    return undefined;
  }
}
