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
  it('repeats the recorded training run within tolerance, on both backends', async () => {
    const report = await parity(join(folder, 'run.json'));
    expect(report.backends.flatMap(({ failures }) => failures)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.backends.map(({ groups }) => groups.map(({ group, checks }) => `${group} ${checks}`))).toEqual(
      Array(2).fill(['step 0 12', 'gradients 16', 'EBOPs 2', 'history 100', 'after 26', 'traced 29', 'inference 9']),
    );
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
    expect(report.backends[0].failures.map(({ what }) => what)).toEqual(['input_reduce/threshold']);
    expect(parityTable(report)).toContain('worst offender: gradients, input_reduce/threshold');
  });

  it('says what is wrong with a bad file', async () => {
    await expect(parity(join(folder, 'none.json'))).rejects.toThrow(/cannot read/);
    writeFileSync(join(folder, 'bad.json'), '{"x": []}');
    await expect(parity(join(folder, 'bad.json'))).rejects.toThrow(/no 'optimizer'/);
  });
});
