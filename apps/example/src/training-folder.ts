import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  FileError,
  parseJson,
  parseSealed,
  removeFolder,
  replaceFolder,
  sealed,
  writeFileWhole,
} from '@sp/quant/files';
import type { Dataset } from '@sp/train';
import { UsageError } from './errors.ts';
import type { Options } from './options.ts';

/** What has to be the same for a training to go on where it stopped, in `training.json`. */
export interface SavedTraining {
  /** 2; version 1 had no checksum and can be read. */
  readonly version: 1 | 2;
  /** The options it was started with, paths absolute; `command` and `out` are those of the command that goes on. */
  readonly options: Omit<Options, 'command' | 'out' | 'resume'>;
  /** SHA-256 of the training images and their labels. */
  readonly dataDigest: string;
}

const savedFile = 'training.json';

/** Where the training of the run `out` is kept until it has ended: a folder beside it. */
export function trainingFolder(out: string): string {
  return `${resolve(out)}.training`;
}

/** Where its checkpoints are: trainings of other options or data never meet there, even when they run at the same time. */
export function checkpointFolder(out: string, { options, dataDigest }: SavedTraining): string {
  // What is undefined is not in the file either.
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256')
    .update(JSON.stringify([entries, dataDigest]))
    .digest('hex');
  return join(trainingFolder(out), 'checkpoints', digest.slice(0, 12));
}

/** How users find it: as they wrote `out`. */
export function trainingFolderName(out: string): string {
  return `${out.replace(/[\\/]+$/, '')}.training`;
}

/**
 * Refuses a training folder that is not ours, before any work is done.
 *
 * @returns whether an earlier training is kept there, which `beginTraining` would replace.
 * @throws UsageError naming the folder.
 */
export async function checkTrainingFolder(out: string): Promise<boolean> {
  const names = await readdir(trainingFolder(out)).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new UsageError(
      `--out ${out}: ${trainingFolderName(out)}, where the training is kept, cannot be used (${String(cause.code)}); name another folder`,
      { cause },
    );
  });
  if (names.length > 0 && !(await holdsTraining(out))) {
    throw new UsageError(
      `--out ${out}: ${trainingFolderName(out)}, where the training would be kept, holds something else; name another folder`,
    );
  }
  return names.length > 0;
}

/**
 * Makes the folder anew and remembers what the training needs to go on.
 *
 * @throws UsageError if nothing can be written there.
 */
export async function beginTraining(out: string, saved: SavedTraining, note: (line: string) => void): Promise<void> {
  const folder = trainingFolder(out);
  try {
    // Whoever finds the folder finds a training in it; what was there before goes as a whole.
    await replaceFolder(
      folder,
      (fresh) => writeFileWhole(join(fresh, savedFile), `${JSON.stringify(sealed(saved), null, 1)}\n`),
      { note },
    );
  } catch (cause) {
    throw new UsageError(
      `--out ${out}: ${trainingFolderName(out)}, where the training is kept, cannot be written (${(cause as Error).message}); name another folder`,
      { cause },
    );
  }
}

/**
 * Reads what `beginTraining` has written.
 *
 * @throws UsageError if there is no interrupted training of `out`.
 */
export async function readTraining(out: string): Promise<SavedTraining> {
  const name = trainingFolderName(out);
  const text = await readFile(join(trainingFolder(out), savedFile), 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `--resume --out ${out}: no interrupted training (no ${name}/${savedFile}); start one without --resume`,
      { cause },
    );
  });
  try {
    const { sha256: _, ...saved } = parseSealed(text, `${name}/${savedFile}`, ({ version }) => version === 1);
    if (isTraining(saved) && (saved.version === 1 || saved.version === 2)) return saved;
    throw new FileError(`${name}/${savedFile}`, 'is damaged or of another version', 'start anew');
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new UsageError(`--resume --out ${out}: ${name}/${savedFile} ${cause.problem}; start anew without --resume`, {
      cause,
    });
  }
}

/** A `training.json` of someone else does not make the folder ours; one of ours does, damaged or not. */
async function holdsTraining(out: string): Promise<boolean> {
  const text = await readFile(join(trainingFolder(out), savedFile), 'utf8').catch(() => '');
  try {
    return isTraining(parseJson(text, savedFile));
  } catch {
    return false;
  }
}

function isTraining(content: unknown): content is SavedTraining {
  const saved = content as Partial<SavedTraining> | null;
  const { options } = saved ?? {};
  return (
    Number.isInteger(saved?.version) &&
    typeof saved?.dataDigest === 'string' &&
    typeof options === 'object' &&
    options !== null &&
    typeof (options.data as { kind?: unknown } | undefined)?.kind === 'string'
  );
}

/** Removes what is kept of a training. */
export async function dropTraining(out: string): Promise<void> {
  await removeFolder(trainingFolder(out));
}

/** Digest of images and labels: a training goes on with the data it has begun with, or not at all. */
export function dataDigest({ images, labels, shape, classes }: Dataset): string {
  const hash = createHash('sha256').update(JSON.stringify({ shape, classes }));
  for (const { buffer, byteOffset, byteLength } of [images, labels]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
