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

/** Checkers by file name, loaded on demand; null: there is none, which counts as a failure. */
const CHECKERS: Readonly<Record<string, (() => Promise<CheckFile>) | null>> = {
  'qkeras_quantizers.json': async () => (await import('./legacy/qkeras-quantizers.ts')).checkQKerasQuantizers,
  'qkeras_models.json': async () => (await import('./legacy/qkeras-models.ts')).checkQKerasModels,
  'hgq1_models.json': async () => (await import('./legacy/hgq1-models.ts')).checkHgq1Models,
  'hgq1_bits.json': async () => (await import('./legacy/hgq1-bits.ts')).checkHgq1Bits,
};

/**
 * Compares QKeras' and HGQ v1's recorded numbers and files with what `@sp/layers/qkeras` and `@sp/layers/hgq1` make of
 * them. Files of other formats in the folder are left alone.
 *
 * @throws BadFileError when the folder has none of the files, or one is not of its format
 */
export async function legacy(folder: string): Promise<LegacyReport> {
  const present = await readdir(folder).catch((cause: unknown) => {
    throw new BadFileError(folder, 'it is no folder that can be read.', { cause });
  });
  const names = Object.keys(CHECKERS).filter((name) => present.includes(name));
  if (names.length === 0) throw new BadFileError(folder, `it has none of ${Object.keys(CHECKERS).join(', ')}.`);
  await setBackend('cpu');
  const files: LegacyReport['files'][number][] = [];
  for (const name of names) {
    const path = join(folder, name);
    const load = CHECKERS[name];
    if (load === null) {
      files.push({ file: name, ...summarise([missing(name, 'nothing: not implemented')]) });
      continue;
    }
    const check = await load();
    files.push({ file: name, ...summarise(await check(await parse(path), folder).catch(fixtureError(path))) });
  }
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
