import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { replaceFolder, sha256Hex } from '@sp/quant/files';
import { SearchError } from '../errors.ts';
import type { Ended } from '../run/runner.ts';
import type { WholeSettings } from '../study/settings.ts';
import type { Task } from '../study/trial.ts';

/** What a worker gets: plain data. */
export interface TrialJob {
  readonly settings: WholeSettings;
  readonly task: Task;
}

/** What it gives back. */
export interface TrialJobResult extends Ended {
  /** What is left of the trial: files by their path in its folder, in base64. */
  readonly files: Readonly<Record<string, string>>;
}

/** How often the worker of a trial may be lost, before the trial counts as one that kills them. */
export const LOSSES = 10;

/** Most bytes that are sent of a trial. */
const MOST = 64 * 2 ** 20;

/** The name of a trial in the queue, the same in every process that works on the study. */
export function jobId(folder: string, settings: WholeSettings, number: number): string {
  const { trials: _, ...rest } = settings;
  return `${sha256Hex(JSON.stringify([hostname(), resolve(folder), rest])).slice(0, 16)}-${number}`;
}

/** All files of a folder; none when it does not exist. */
export async function packFolder(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: Record<string, string> = {};
  let size = 0;
  for (const entry of names.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    size += bytes.length;
    if (size > MOST) {
      throw new SearchError(`what is left of a trial in '${folder}' has more than ${MOST} bytes, too many to send`);
    }
    files[path.slice(folder.length + 1).replaceAll('\\', '/')] = bytes.toString('base64');
  }
  return files;
}

/** Puts files where they belong, all of them or none. */
export async function unpackFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  if (Object.keys(files).length === 0) return;
  await mkdir(dirname(folder), { recursive: true });
  await replaceFolder(
    folder,
    async (fresh) => {
      for (const [name, text] of Object.entries(files)) {
        const path = join(fresh, name);
        if (!resolve(path).startsWith(resolve(fresh))) throw new SearchError(`a worker sent a file '${name}'`);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, Buffer.from(text, 'base64'));
      }
    },
    { note: () => {} },
  );
}
