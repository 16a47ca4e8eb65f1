import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keras, kerasTable } from './keras.ts';

const fixtures = fileURLToPath(new URL('../../../packages/layers/test/fixtures/', import.meta.url));
const model = join(fixtures, 'parity_readme.keras');
const record = JSON.parse(gunzipSync(readFileSync(join(fixtures, 'parity_readme.json.gz'))).toString());
let folder: string;

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keras-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('keras', () => {
  it('finds the imported model equal to its record and to its graph, on both backends', async () => {
    const report = await keras(model, write('run.json', record));
    expect(report.backends.flatMap(({ failures }) => failures)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.backends.map(({ groups }) => groups.map(({ group, checks }) => `${group} ${checks}`))).toEqual(
      Array(2).fill(['variables 26', 'EBOPs 2', 'inference 9', 'lowered graph 6']),
    );
    expect(kerasTable(report)).toMatch(/wasm: all within tolerance\n(.*\n)*.*lowered graph +6 compared, 0 failed/);
  });

  it('notices one weight and one activation that differ in the sixth digit', async () => {
    const changed = structuredClone(record);
    changed.traced.vars['dense1/kernel'].data[17] += 1e-6;
    changed.traced.activations_first4['pool1:0'].data[100] += 2e-6;
    const report = await keras(model, write('changed.json', changed));
    expect(report.ok).toBe(false);
    for (const { failures } of report.backends) {
      expect(failures.map(({ what }) => what)).toEqual(['dense1/kernel', 'activations pool1:0']);
    }
    expect(kerasTable(report)).toContain('worst offender: variables, dense1/kernel');
  });

  it('says what is wrong with a bad file', async () => {
    const json = write('good.json', record);
    await expect(keras(join(folder, 'none.keras'), json)).rejects.toThrow(/cannot read .*none\.keras/);
    await expect(keras(write('bad.keras', 'no zip'), json)).rejects.toThrow(/bad\.keras.*not a zip archive/);
    await expect(keras(model, write('bad.json', '{"x": []}'))).rejects.toThrow(/no 'optimizer'/);
  });
});
