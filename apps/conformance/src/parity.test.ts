import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parity, parityTable } from './parity.ts';

const fixtures = fileURLToPath(new URL('../../../packages/layers/test/fixtures/', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parity-'));
  writeFileSync(join(folder, 'run.json'), gunzipSync(readFileSync(join(fixtures, 'parity_readme.json.gz'))));
  writeFileSync(join(folder, 'run.keras'), readFileSync(join(fixtures, 'parity_readme.keras')));
});
afterAll(() => rm(folder, { recursive: true }));

describe('parity', () => {
  it('repeats the recorded training run within tolerance, on both backends and through the fused engine', async () => {
    const report = await parity(join(folder, 'run.json'));
    expect(report.backends.flatMap(({ failures }) => failures)).toEqual([]);
    expect(report.ok).toBe(true);
    const counts = (name: string): unknown =>
      report.backends.find(({ backend }) => backend === name)?.groups.map(({ group, checks }) => `${group} ${checks}`);
    const others = ['gradients 16', 'EBOPs 2', 'history 100', 'after 26', 'traced 29', 'inference 9'];
    for (const backend of ['cpu', 'wasm']) expect(counts(backend)).toEqual(['step 0 12', ...others]);
    // It tells the losses as sums, and no output in training.
    for (const kernels of ['JavaScript', 'WebAssembly']) {
      expect(counts(`fused, ${kernels}`)).toEqual(['step 0 2', ...others]);
    }
    expect(report.notFused).toBeUndefined();
  });

  it('notices a gradient that is off by a thousandth', async () => {
    const file = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as {
      steps: number;
      history: unknown[];
      step0: { grads: Record<string, { data: number[] }> };
    };
    const gradient = file.step0.grads['input_reduce/threshold'];
    gradient.data = gradient.data.map((value) => value * 1.001);
    writeFileSync(join(folder, 'off.json'), JSON.stringify(file));
    writeFileSync(join(folder, 'off.keras'), readFileSync(join(folder, 'run.keras')));
    const report = await parity(join(folder, 'off.json'));
    expect(report.ok).toBe(false);
    expect(report.backends).toHaveLength(4);
    for (const { failures } of report.backends) {
      expect(failures.map(({ what }) => what)).toEqual(['input_reduce/threshold']);
    }
    expect(parityTable(report)).toContain('worst offender: gradients, input_reduce/threshold');
  });

  it('says what is wrong with a bad file', async () => {
    await expect(parity(join(folder, 'none.json'))).rejects.toThrow(/cannot read/);
    writeFileSync(join(folder, 'bad.json'), '{"x": []}');
    await expect(parity(join(folder, 'bad.json'))).rejects.toThrow(/no 'optimizer'/);
  });
});
