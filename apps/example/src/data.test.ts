import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npy, npz } from '../test/npz.ts';
import { loadData } from './data.ts';
import { UsageError } from './errors.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sp-example-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('loadData', () => {
  const fixture = (name: string): string =>
    fileURLToPath(new URL(`../../../packages/train/test/fixtures/cases/${name}`, import.meta.url));

  it('takes labels with gaps as classes and says so, before training and in the report', async () => {
    const data = await loadData({ kind: 'npz', path: fixture('pdg.npz') });
    expect([data.train.classes, data.train.labelIds]).toEqual([2, [11, 211]]);
    expect(data.notes).toEqual([expect.stringContaining('labels 11, 211 are the classes 0, 1')]);
    expect(data.description).toMatch(/the classes 0, 1, … are the labels 11, 211$/);
  });

  it('reads HDF5 and CSV', async () => {
    const stored = await loadData({ kind: 'hdf5', path: fixture('bool_pixels.h5') });
    expect([stored.train.shape, stored.train.labels.length + stored.test.labels.length]).toEqual([[8, 8, 1], 60]);
    const path = join(directory, 'a.csv');
    const lines = Array.from({ length: 20 }, (_, j) => [...Array.from({ length: 16 }, (_, p) => p * j), j % 2].join());
    await writeFile(path, `${Array.from({ length: 16 }, (_, p) => `p${p}`).join()},label\n${lines.join('\n')}\n`);
    const table = await loadData({ kind: 'csv', path });
    expect([table.train.labels.length, table.test.labels.length, table.notes.length]).toEqual([16, 4, 1]);
    await expect(loadData({ kind: 'hdf5', path })).rejects.toThrow('--data hdf5: ');
  });

  it('reads files that do not tell all by themselves as it is told', async () => {
    const first = join(directory, 'first.npz');
    const labels = npy(
      '<i4',
      [60],
      Int32Array.from({ length: 60 }, (_, j) => j % 2),
    );
    await writeFile(first, npz({ x: npy('<f4', [60, 5, 8, 8], new Float32Array(60 * 320)), y: labels }));
    const moved = await loadData({ kind: 'npz', path: first, channels: 'first' });
    expect([moved.train.shape, moved.notes]).toEqual([[8, 8, 5], []]);
    // As `run.json` has it.
    const recorded = { kind: 'npz', path: first, channels: 'first', description: 'images of first.npz' } as const;
    expect((await loadData(recorded)).train.shape).toEqual([8, 8, 5]);
    const path = join(directory, 'hits.csv');
    const lines = Array.from({ length: 20 }, (_, j) => [j % 2, ...Array.from({ length: 24 }, (_, p) => p)].join(';'));
    await writeFile(path, `made by hand\n;;\n${lines.join('\n')}\n`);
    const how = { shape: [4, 6, 1], label: 'first', separator: ';', headerLines: 2 } as const;
    const { train } = await loadData({ kind: 'csv', path, ...how });
    expect([train.shape, train.classes, train.labels.length, train.images[3]]).toEqual([[4, 6, 1], 2, 16, 3]);
    const stored = { kind: 'hdf5', path: fixture('bool_pixels.h5'), images: 'x', labels: 'y' } as const;
    expect((await loadData(stored)).train.shape).toEqual([8, 8, 1]);
    await expect(loadData({ ...stored, labels: 'z' })).rejects.toThrow("dataset 'z': missing");
  });

  it('names the option, the file and the problem', async () => {
    const missing = join(directory, 'none.npz');
    await expect(loadData({ kind: 'npz', path: missing })).rejects.toThrow(UsageError);
    await expect(loadData({ kind: 'npz', path: missing })).rejects.toThrow(
      `--data npz: ${missing}: file: no such file; check the path`,
    );
    const broken = join(directory, 'broken.npz');
    await writeFile(broken, 'PK nothing');
    await expect(loadData({ kind: 'npz', path: broken })).rejects.toThrow('zip data: damaged');
    await expect(loadData({ kind: 'mnist-idx', path: directory })).rejects.toThrow('--data mnist-idx: ');
  });
});
