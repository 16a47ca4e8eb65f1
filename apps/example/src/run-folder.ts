import { cp, lstat, mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import {
  FileError,
  parseJson,
  parseSealed,
  recoverFolder,
  replaceFolder as replaceWhole,
  sealed,
  stageOf,
  systemError,
  withStage,
  writeFileWhole,
} from '@sp/quant/files';
import type { Logs, TimedWarning } from '@sp/train';
import { commandLine } from './command-line.ts';
import { UsageError } from './errors.ts';
import type { DataSource, Engine } from './options.ts';

/** What a run folder remembers of its training, in `run.json`. */
export interface RunRecord {
  /** 2; runs of version 1 have no checksum and can be read. */
  readonly version: 1 | 2;
  readonly data: DataSource & { readonly description: string };
  readonly seed: number;
  readonly epochs: number;
  /** Epoch whose weights were kept, counted from 1 as in `history`. */
  readonly bestEpoch: number;
  readonly trainingSeconds: number;
  /** What computed the training, as `fit` tells it. */
  readonly engine: string;
  readonly history: readonly Readonly<Logs>[];
  /** What the training was started with besides; absent in runs of earlier versions. */
  readonly start?: { readonly n: number; readonly threshold: number; readonly engine: Engine };
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
 * remains and what was in `out` stays; so it does when the process is killed, and the next run cleans up and says so on `note`. A link is followed.
 *
 * @param from a run folder whose contents to begin with.
 * @throws UsageError when the folder cannot be written, or another process is writing it.
 */
export async function replaceFolder<Result>(
  out: string,
  fill: (folder: string) => Promise<Result>,
  note: (line: string) => void,
  from?: string,
): Promise<Result> {
  const target = await realpath(out).catch(() => resolve(out));
  await makeFolders(dirname(target));
  try {
    return await replaceWhole(
      target,
      async (folder) => {
        if (from !== undefined) {
          await cp(await realpath(from), folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
        }
        return fill(folder);
      },
      { note },
    );
  } catch (cause) {
    throw cause instanceof FileError ? new UsageError(`--out ${out}: ${cause.message}`, { cause }) : cause;
  }
}

/**
 * Does `work` while no other process trains or exports the same run.
 *
 * @throws UsageError when one does; and what `work` throws
 */
export async function holdRun<Result>(
  out: string,
  work: () => Promise<Result>,
  note: (line: string) => void,
): Promise<Result> {
  const target = await realpath(out).catch(() => resolve(out));
  let begun = false;
  const held = () => {
    begun = true;
    return work();
  };
  try {
    return await withStage(target, stageOf(`${target}.run`), async () => undefined, held, { note });
  } catch (error) {
    const cause = begun ? error : await systemError(error, 'written', target);
    if (begun || !(cause instanceof FileError)) throw cause;
    throw new UsageError(`--out ${out}: ${cause.message}`, { cause });
  }
}

/** Completes or takes back what a run that was killed has left of `out`, and says so on `note`. */
export async function recoverRun(out: string, note: (line: string) => void): Promise<void> {
  const target = await realpath(out).catch(() => resolve(out));
  try {
    await recoverFolder(target, { note });
  } catch (cause) {
    throw cause instanceof FileError ? new UsageError(`--out ${out}: ${cause.message}`, { cause }) : cause;
  }
}

/** Writes `run.json`. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeFileWhole(join(folder, recordFile), `${JSON.stringify(sealed(record), null, 1)}\n`);
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
  try {
    return counted(parseRecord(text, join(folder, recordFile)));
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new UsageError(`--out ${folder}: its ${recordFile} ${cause.problem}; train again`, { cause });
  }
}

/** Runs of earlier versions have no epochs in their history, and count the best one from 0. */
function counted(record: RunRecord): RunRecord {
  if (record.history.every(({ epoch }) => epoch !== undefined)) return record;
  const history = record.history.map((logs, index) => ({ epoch: index + 1, ...logs }));
  return { ...record, history, bestEpoch: record.bestEpoch + 1 };
}

/** Whether a folder has a `run.json` of ours, of whatever version; damaged or not. */
async function holdsRun(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, recordFile), 'utf8').catch(() => '');
  try {
    const record = parseJson(text, recordFile) as Partial<RunRecord> | null;
    const { kind } = (record?.data ?? {}) as { kind?: unknown };
    return Number.isInteger(record?.version) && typeof kind === 'string' && Array.isArray(record?.history);
  } catch {
    return false;
  }
}

/**
 * What a `run.json` says.
 *
 * @throws FileError if it is damaged or of another version.
 */
function parseRecord(text: string, file: string): RunRecord {
  const { sha256: _, ...record } = parseSealed(text, file, ({ version }) => version === 1);
  const wrong = (problem: string) => new FileError(file, problem, 'train again');
  if (record.version !== 1 && record.version !== 2) {
    throw wrong(`is of version ${JSON.stringify(record.version)}, not of 1 or 2`);
  }
  const problem = problemOf(record);
  if (problem !== undefined) throw wrong(`is damaged: ${problem}`);
  return record as unknown as RunRecord;
}

function problemOf(record: Readonly<Record<string, unknown>>): string | undefined {
  const { data, history, warnings, engine, start } = record;
  const source = (data ?? {}) as Readonly<Record<string, unknown>>;
  const isText = (value: unknown) => typeof value === 'string';
  if (!isText(source.description) || !isText(source.kind)) return 'no data';
  if (source.kind !== 'digits' && source.kind !== 'tracks' && !isText(source.path)) return 'data without a path';
  for (const field of ['seed', 'epochs', 'bestEpoch', 'trainingSeconds']) {
    if (typeof record[field] !== 'number') return `no number ${field}`;
  }
  if (!isText(engine)) return 'no engine';
  const begun = (start ?? {}) as Readonly<Record<string, unknown>>;
  if (start !== undefined && !(Number.isFinite(begun.n) && Number.isFinite(begun.threshold) && isText(begun.engine))) {
    return 'start holds no n, threshold and engine';
  }
  const logs = (entry: unknown) =>
    typeof entry === 'object' &&
    entry !== null &&
    Object.values(entry).every((value) => typeof value === 'number' || value === null);
  if (!Array.isArray(history) || !history.every(logs)) return 'history is no list of numbers by name';
  const said = (entry: Partial<TimedWarning> | null) => isText(entry?.message) && isText(entry?.when);
  return warnings === undefined || (Array.isArray(warnings) && warnings.every(said)) ? undefined : 'warnings are none';
}
