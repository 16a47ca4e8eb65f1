/** Networks as hardware: synthetic ones, the digits as `npm start` trains them, and the published ones of MNIST. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rtlReport, rtlTable } from '../src/rtl.ts';
import { syntheticTrained } from './support/synthetic-trained.ts';

/** The published networks may not be part of the repository. */
const published = fileURLToPath(new URL('../../../../shared/golden/trained_mnist.json', import.meta.url));
/** `graph.json`, `graph.bin` and the data of `run.json` of `npm start`, seed 1. */
const digits = fileURLToPath(new URL('fixtures/digits-run', import.meta.url));
const verilog = spawnSync('iverilog', ['-V']).error === undefined;

let folder: string;
let synthetic: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sp-rtl-report-'));
  synthetic = join(folder, 'synthetic.json');
  const file = syntheticTrained({
    height: 9,
    width: 8,
    channels: 1,
    threshold: 0.2,
    architecture: [
      ['conv', 3, 2],
      ['avg', 2],
      ['dense', 4, 'relu'],
      ['dense', 3, 'softmax'],
    ],
    images: 10,
    seed: 5,
  });
  await writeFile(synthetic, JSON.stringify(file));
});
afterAll(() => rm(folder, { recursive: true }));

describe('rtl', () => {
  it('finds synthetic networks equal in hardware, and names what was compared', async () => {
    const report = await rtlReport(synthetic, { adversarial: 20, intervals: '1,3', verilog });
    expect(rtlTable(report)).toMatch(/all equal, all on time$/);
    expect(report.ok).toBe(true);
    for (const row of report.rows) {
      expect(row).toMatchObject({ mismatches: 0, onTime: true, images: 30 });
      expect(row.compared).toBeGreaterThan(1000);
      if (verilog) expect(row.verilog?.output).toMatch(/30 images, 30 results/);
    }
  });

  it('finds the trained digits equal on all real and 200 constructed images, an image in five clocks and in one', async () => {
    const { rows, ok } = await rtlReport(digits, {});
    expect(rows.map(({ interval, images, mismatches, onTime }) => ({ interval, images, mismatches, onTime }))).toEqual(
      [1, 5].map((interval) => ({ interval, images: 560, mismatches: 0, onTime: true })),
    );
    expect(ok).toBe(true);
  });

  it.for(['8b-t', '8b-s'])(
    'finds the published network %s equal in hardware and in Icarus Verilog',
    async (network, { skip }) => {
      if (!existsSync(published)) skip('../shared/golden/trained_mnist.json is not here');
      if (!verilog) skip('NOT CHECKED in Verilog: no iverilog; install it with scripts/install-test-tools');
      const report = await rtlReport(published, { network, intervals: '5', adversarial: 20, verilog: 12 });
      expect(rtlTable(report)).toMatch(/ equal\n {2}all equal, all on time$/);
      expect(report.rows[0].verilog?.output).toMatch(/12 images, 12 results/);
    },
  );

  it.each([
    ['a file that is none', () => join(folder, 'none.json'), {}, /cannot be read/],
    ['a network that is none', () => synthetic, { network: 'x' }, /has no network "x"; it has /],
    ['another network of a run', () => digits, { network: 'x' }, /is the run of one network, digits, and of no "x"/],
    [
      'images for Verilog that are none',
      () => synthetic,
      { verilog: 'x' },
      /--verilog is "x"; use whole numbers from 1/,
    ],
    ['intervals that are none', () => synthetic, { intervals: '0' }, /--intervals is "0"; use whole numbers from 1/],
  ])('refuses %s', async (_, path, options, message) => {
    await expect(rtlReport(path(), options)).rejects.toThrow(message);
  });

  it('refuses runs whose images it does not have, and folders that are no run', async () => {
    const run = join(folder, 'run');
    await mkdir(run);
    await expect(rtlReport(run, {})).rejects.toThrow(/run.json.*cannot be read/);
    for (const name of ['graph.json', 'graph.bin']) await writeFile(join(run, name), '{}');
    await writeFile(join(run, 'run.json'), '{"data":{"kind":"npz"}}');
    await expect(rtlReport(run, {})).rejects.toThrow(/"npz", whose images are not at hand; use "npx sp-rtl compare/);
    await writeFile(join(run, 'run.json'), '{"data":{"kind":"digits"}}');
    await expect(rtlReport(run, {})).rejects.toThrow(/graph.json/);
  });
});
