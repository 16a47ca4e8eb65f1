/** Runs as scripts: the programs that the page prints give in Node what the studio trains, bit for bit. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setBackend } from '@sp/layers';
import { saveGraph } from '@sp/quant';
import type { TrainingState } from '@sp/train';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataChoice, splitDefaults } from '../src/project/data-choice.ts';
import { firmwareDefaults } from '../src/project/firmware-settings.ts';
import { type NetworkSpec, withReduction } from '../src/project/network.ts';
import { presets } from '../src/project/presets.ts';
import { runScript } from '../src/project/script.ts';
import { trainingDefaults } from '../src/project/training-settings.ts';
import { graphOf, hlsConfig } from '../src/work/firmware.ts';
import { studyData } from '../src/work/study-data.ts';
import { trainRun } from '../src/work/train-run.ts';
import { digitsCsv } from './support/files.ts';

let folder: string;

beforeAll(async () => {
  await setBackend('cpu');
  // Where the packages are found, and what looks at all files does not look.
  folder = await mkdtemp(join(import.meta.dirname, '..', 'node_modules', '.script-'));
});

afterAll(() => rm(folder, { recursive: true }));

const other: NetworkSpec = {
  beta: 1e-6,
  layers: [
    { kind: 'reduce', name: 'hits', n: 16, threshold: 0.25, learn: true, betaN: 0.01 },
    { kind: 'conv', name: 'look', filters: 2, kernel: 3, relu: false, bits: 5, weightBits: 6, beta: 2e-6 },
    { kind: 'pool', name: 'most', mode: 'max', size: 4 },
    { kind: 'flatten', name: 'all' },
    { kind: 'dense', name: 'say', units: 'classes', relu: false, bits: 6, weightBits: 7, beta: null },
  ],
};

/** The last entry: what the script says in the end. The large network is not compiled here: another test does that. */
const cases: readonly (readonly [string, NetworkSpec, DataChoice, () => Promise<readonly File[]>, string])[] = [
  [
    'the digits, with a budget that is changed',
    withReduction(presets.digits.network, { n: 20 }),
    { source: { kind: 'digits' }, split: splitDefaults },
    async () => [],
    'compiler',
  ],
  [
    'a network and a file of the user, without validation',
    other,
    { source: { kind: 'csv', files: ['digits.csv'], options: {} }, split: { test: 0.3, validation: 0, seed: 2 } },
    async () => {
      const { name, buffer } = await digitsCsv();
      return [new File([Uint8Array.from(buffer)], name)];
    },
    '0 mismatches between interpreter and compiled C++',
  ],
];

describe('runScript', () => {
  it.each(cases)('repeats %s', async (_, network, data, makeFiles, said) => {
    const files = await makeFiles();
    for (const file of files) await writeFile(join(folder, file.name), new Uint8Array(await file.arrayBuffer()));
    const training = { ...trainingDefaults, epochs: 3, seed: 4 };
    const script = runScript({
      data,
      run: { name: 'Run 1', network, training },
      config: hlsConfig(firmwareDefaults, [], []),
    });
    const { code } = await transformWithOxc(script, 'run.ts');
    await writeFile(join(folder, 'run.mjs'), code);
    const { CXX: _cxx, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['run.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env: said === 'compiler' ? { ...env, PATH: folder } : process.env,
    });
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(said);
    const there = {
      json: await readFile(join(folder, 'graph.json'), 'utf8'),
      weights: await readFile(join(folder, 'graph.bin')),
    };
    let state: TrainingState | undefined;
    const { model } = await trainRun({
      network,
      training,
      data: await studyData(data, files),
      checkpoints: {
        save: async (next) => {
          state = structuredClone(next);
        },
        load: async () => state,
      },
    });
    const { json, weights } = saveGraph(graphOf(model));
    expect(there.json).toBe(json);
    expect(new Uint8Array(there.weights)).toEqual(new Uint8Array(weights));
  });
});
