import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setBackend } from '@sp/layers';
import { BadFileError } from './bad-file-error.ts';
import { FixtureError } from './legacy/fixture.ts';
import { type CheckSummary, summarise, summaryLines } from './parity/check-summary.ts';
import { type Check, missing } from './parity/compare.ts';

/** Outcome of the `legacy` command: one entry per file. */
export interface LegacyReport {
  readonly command: 'legacy';
  readonly folder: string;
  readonly ok: boolean;
  readonly files: readonly (CheckSummary & { readonly file: string })[];
}

type CheckFile = (content: unknown, folder: string) => Promise<readonly Check[]>;

/** Checkers by file name, loaded on demand. */
const CHECKERS: Readonly<Record<string, () => Promise<CheckFile>>> = {
  'qkeras_quantizers.json': async () => (await import('./legacy/qkeras-quantizers.ts')).checkQKerasQuantizers,
  'qkeras_models.json': async () => (await import('./legacy/qkeras-models.ts')).checkQKerasModels,
  'hgq1_models.json': async () => (await import('./legacy/hgq1-models.ts')).checkHgq1Models,
  'hgq1_bits.json': async () => (await import('./legacy/hgq1-bits.ts')).checkHgq1Bits,
};

/** What the folder may hold of this kind; a name that no checker knows is a failure, not something to pass over. */
const KIND = /^(qkeras|hgq1)_.*\.json$/;

/**
 * Compares QKeras' and HGQ v1's recorded numbers and files with what `@sp/layers/qkeras` and `@sp/layers/hgq1` make of
 * them. A file that is missing, of an unknown name (`qkeras_*.json`, `hgq1_*.json`) or empty fails; files of other kinds
 * are left alone.
 *
 * @throws BadFileError when the folder has none of the files, or one is not of its format
 */
export async function legacy(folder: string): Promise<LegacyReport> {
  const present = await readdir(folder).catch((cause: unknown) => {
    throw new BadFileError(folder, 'it is no folder that can be read.', { cause });
  });
  const names = Object.keys(CHECKERS);
  if (!names.some((name) => present.includes(name)))
    throw new BadFileError(folder, `it has none of ${names.join(', ')}.`);
  await setBackend('cpu');
  const files: LegacyReport['files'][number][] = [];
  const fail = (file: string, what: string): void => {
    files.push({ file, ...summarise([missing(file, what)]) });
  };
  for (const [name, load] of Object.entries(CHECKERS)) {
    if (!present.includes(name)) {
      fail(name, 'the file is missing');
      continue;
    }
    const path = join(folder, name);
    const check = await load();
    const checks = await check(await parse(path), folder).catch(fixtureError(path));
    if (checks.length === 0) fail(name, 'it has no rows');
    else files.push({ file: name, ...summarise(checks) });
  }
  for (const name of present.filter((name) => KIND.test(name) && !names.includes(name)))
    fail(name, 'nothing compares files of this name');
  return { command: 'legacy', folder, ok: files.every(({ ok }) => ok), files };
}

/** The report as a short table for a terminal. */
export function legacyTable(report: LegacyReport): string {
  const lines = [`legacy ${report.folder}`];
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
