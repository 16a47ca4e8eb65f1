import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Logs, TimedWarning } from '@sp/train';
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
 * Refuses a target that holds something else than a run of ours, before any work is done.
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
  if (names.length > 0 && !names.includes(recordFile)) {
    throw new UsageError(`--out ${out}: holds something else than a run of sp-example; name a new or empty folder`);
  }
}

async function checkParent(out: string): Promise<void> {
  try {
    await mkdir(dirname(resolve(out)), { recursive: true });
  } catch (cause) {
    throw new UsageError(
      `--out ${out}: its parent folder cannot be made (${(cause as Error).message}); name another folder`,
      { cause },
    );
  }
}

/**
 * Calls `fill` with a temporary folder beside `out` and puts that in the place of `out` when it is complete. If `fill` fails, nothing of it
 * remains and what was in `out` stays.
 *
 * @param from a run folder whose contents to begin with.
 */
export async function replaceFolder<Result>(
  out: string,
  fill: (folder: string) => Promise<Result>,
  from?: string,
): Promise<Result> {
  const target = resolve(out);
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  const remove = (): Promise<void> => rm(temporary, { recursive: true, force: true });
  try {
    const folder = join(temporary, 'new');
    if (from === undefined) await mkdir(folder);
    else await cp(from, folder, { recursive: true });
    const result = await fill(folder);
    await rename(target, join(temporary, 'old')).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
    });
    await rename(folder, target);
    return result;
  } finally {
    await remove();
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
      `--out ${folder}: holds no run (no ${recordFile}); train one first: sp-example train --out ${folder}`,
      { cause },
    );
  }
  try {
    const record = JSON.parse(text) as RunRecord;
    if (record.version === 1) return record;
  } catch {
    // Damaged: said below.
  }
  throw new UsageError(`--out ${folder}: its ${recordFile} is damaged or of another version; train again`);
}
