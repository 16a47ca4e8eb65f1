import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { BadFileError } from './bad-file-error.ts';
import { type FolderReport, folderTable } from './check-folder.ts';
import { prune } from './prune.ts';

const golden = process.env['SP_LEGACY'] ?? fileURLToPath(new URL('../../../../shared/golden/legacy', import.meta.url));
const isHere = existsSync(golden);
const absent = 'the recorded numbers (../shared/golden/legacy) are not here';

// biome-ignore lint/suspicious/noExplicitAny: recorded rows are changed in place, wherever
type Recorded = any;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A folder with one recorded file, changed. */
async function changed(file: string, change: (content: Recorded) => void): Promise<FolderReport> {
  const folder = await mkdtemp(join(tmpdir(), 'prune-'));
  folders.push(folder);
  const content: Recorded = JSON.parse(await readFile(join(golden, file), 'utf8'));
  change(content);
  await writeFile(join(folder, file), JSON.stringify(content));
  return prune(folder);
}

/** What failed in the file itself. */
function failures(report: FolderReport, file: string): readonly string[] {
  return report.files.filter((entry) => entry.file === file).flatMap((entry) => entry.failures.map(({ what }) => what));
}

describe('prune', () => {
  it('finds nothing out of tolerance in the recorded numbers', async (context) => {
    if (!isHere) context.skip(absent);
    const report = await prune(golden);
    if (process.env['SP_LEGACY_PRINT'] != null) process.stdout.write(`${folderTable(report)}\n`);
    expect(report.files.flatMap((entry) => entry.failures)).toEqual([]);
    expect(report.files).toHaveLength(8);
    expect(report.ok).toBe(true);
  });

  it('wants every file, and knows what it compares', async (context) => {
    if (!isHere) context.skip(absent);
    const report = await changed('prune_schedulers.json', (content) => {
      content.rows = content.rows.slice(0, 3);
      content.rows[0].steps[2][2] += 1e-9;
      content.rows[1].scheduler = 'SineScheduler';
    });
    expect(report.ok).toBe(false);
    expect(failures(report, 'prune_schedulers.json')).toEqual([
      'rows[0].steps[2]',
      'rows[1]: nothing here knows this scheduler',
    ]);
    expect(failures(report, 'prune_masks.json')).toEqual(['the file is missing']);
    await writeFile(join(folders[0], 'prune_tuners.json'), '{}');
    expect(failures(await prune(folders[0]), 'prune_tuners.json')).toEqual(['nothing compares files of this name']);
  });

  it('notices wrong masks, offsets, resources and choices', async (context) => {
    if (!isHere) context.skip(absent);
    const report = await changed('prune_masks.json', (content) => {
      const [first] = content.rows;
      const shared = content.rows[75];
      content.rows = [first, { ...first, objective: 'Carbon' }, { ...first, right: 'refuse: just so' }, shared];
      first.upstream = structuredClone(first.upstream);
      first.layers = structuredClone(first.layers);
      const { d1 } = first.upstream.masks;
      first.upstream.masks.d1 = (d1[0] === '0' ? '1' : '0') + d1.slice(1);
      first.layers.d2.resources = [47];
      const j = shared.right.offsets.d1.findIndex((offset: number) => offset !== 0);
      shared.right.offsets.d1[j] *= 1.0001;
    });
    const found = failures(report, 'prune_masks.json');
    expect(found).toHaveLength(5);
    for (const [k, part] of [
      'd2: resources',
      'd1: mask',
      'nothing here knows this objective',
      'not refused',
      'd1: offset',
    ].entries()) {
      expect(found[k]).toContain(part);
    }
    const knapsack = await changed('prune_knapsack.json', (content) => {
      content.rows = [content.rows[0]];
      content.rows[0].optimum += 1;
    });
    expect(failures(knapsack, 'prune_knapsack.json')).toHaveLength(3);
  });

  it('refuses files of another format', async (context) => {
    if (!isHere) context.skip(absent);
    await expect(
      changed('prune_objectives.json', (content) => {
        content.savings_columns.reverse();
      }),
    ).rejects.toThrow(BadFileError);
    await expect(prune(join(golden, 'models'))).rejects.toThrow('it has none of');
  });
});
