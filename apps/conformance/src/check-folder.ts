import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setBackend } from '@sp/layers';
import { BadFileError } from './bad-file-error.ts';
import { FixtureError } from './legacy/fixture.ts';
import { type CheckSummary, summarise, summaryLines } from './parity/check-summary.ts';
import { type Check, missing } from './parity/compare.ts';

/** Outcome of a command that compares the files of a folder: one entry per file. */
export interface FolderReport {
  readonly command: string;
  readonly folder: string;
  readonly ok: boolean;
  readonly files: readonly (CheckSummary & { readonly file: string })[];
}

/** Compares the parsed content of a file. */
export type CheckFile = (content: unknown, folder: string) => Promise<readonly Check[]> | readonly Check[];

/** Checkers by file name, loaded on demand. */
export type Checkers = Readonly<Record<string, () => Promise<CheckFile>>>;

/**
 * Runs the checker of every file. A file that is missing, empty, or of a name like theirs that no checker knows is a failure; files of
 * other kinds are left alone.
 *
 * @param kind what the names of such files look like
 * @throws BadFileError when the folder has none of the files, or one is not of its format
 */
export async function checkFolder(
  command: string,
  folder: string,
  checkers: Checkers,
  kind: RegExp,
): Promise<FolderReport> {
  const present = await readdir(folder).catch((cause: unknown) => {
    throw new BadFileError(folder, 'it is no folder that can be read.', { cause });
  });
  const names = Object.keys(checkers);
  if (!names.some((name) => present.includes(name))) {
    throw new BadFileError(folder, `it has none of ${names.join(', ')}.`);
  }
  await setBackend('cpu');
  const files: FolderReport['files'][number][] = [];
  const fail = (file: string, what: string): void => {
    files.push({ file, ...summarise([missing(file, what)]) });
  };
  for (const [name, load] of Object.entries(checkers)) {
    if (!present.includes(name)) {
      fail(name, 'the file is missing');
      continue;
    }
    const path = join(folder, name);
    const check = await load();
    const content = await parse(path);
    const checks = await Promise.resolve()
      .then(() => check(content, folder))
      .catch(fixtureError(path));
    if (checks.length === 0) fail(name, 'it has no rows');
    else files.push({ file: name, ...summarise(checks) });
  }
  for (const name of present.filter((entry) => kind.test(entry) && !names.includes(entry))) {
    fail(name, 'nothing compares files of this name');
  }
  return { command, folder, ok: files.every(({ ok }) => ok), files };
}

/** The report as a short table for a terminal. */
export function folderTable(report: FolderReport): string {
  const lines = [`${report.command} ${report.folder}`];
  for (const { file, ...summary } of report.files) {
    const checks = summary.groups.reduce((sum, group) => sum + group.checks, 0);
    lines.push(`  ${file}: ${summary.ok ? 'all within tolerance' : 'out of tolerance'} (${checks} compared)`);
    lines.push(...summaryLines(summary));
  }
  return lines.join('\n');
}

async function parse(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new BadFileError(path, `it is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function fixtureError(path: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof FixtureError ? new BadFileError(path, error.message, { cause: error }) : error;
  };
}
