import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadModel, lower } from '@sp/layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { choice, integer, openStudy, paretoTrials, type StudySettings } from '../src/index.ts';
import { exportNetwork } from '../src/network/export-network.ts';
import { fixedAccuracy, loadSearchData, retrain } from '../src/network/index.ts';
import type { RetrainedNetwork } from '../src/network/retrain.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sp-retrain-'));
});
afterAll(() => rm(root, { recursive: true }));

const settings: StudySettings = {
  space: { n: integer(8, 16), units1: choice([6, 10]) },
  objectives: [
    { metric: 'valAccuracy', direction: 'max' },
    { metric: 'lut', direction: 'min' },
  ],
  trials: 4,
  sampler: { kind: 'halton' },
  pruner: { kind: 'asha', minEpochs: 1, maxEpochs: 2, factor: 2, by: [{ metric: 'valAccuracy', direction: 'max' }] },
  problem: { settings: { fixed: { convs: 1, filters1: 2, kernel1: 3, batchSize: 64 } } },
};

const search = (...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> =>
  promisify(execFile)(process.execPath, [program, ...words], { cwd: root });

/** Files by their path, with their text. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.sort().map((path) => readFile(path, 'latin1')));
  return new Map(texts.map((text, j) => [paths[j].slice(folder.length + 1), text]));
}

it('trains what a study found for longer, from several seeds, and exports the best of them as verified firmware', async () => {
  await writeFile(join(root, 'study.json'), JSON.stringify(settings));
  await search('run', 'study.json', 'study', '--workers', '2');
  const study = await openStudy(join(root, 'study'), null);
  const [chosen] = paretoTrials(study.trials, study.settings);
  await study.close();

  const words = ['retrain', 'study', 'chosen', '--pick', `${chosen.number}`, '--seeds', '2', '--epochs', '6'];
  const { stdout, stderr } = await search(...words, '--workers', '2', '--json');
  const name = `trial ${chosen.number}, seed`;
  expect(stderr.match(new RegExp(`${name} [12]: finished`, 'g'))?.sort()).toEqual([
    `${name} 1: finished`,
    `${name} 2: finished`,
  ]);
  const found = JSON.parse(stdout.trim().split('\n').at(-1) as string) as RetrainedNetwork[];
  const [{ trial, runs, spread, best }] = found;
  expect([found.length, trial, runs.map(({ seed }) => seed)]).toEqual([1, chosen.number, [1, 2]]);
  // Three times as many epochs, of a network that was hardly trained.
  expect(spread['valAccuracy'].low).toBeGreaterThan(chosen.metrics['valAccuracy']);
  const [a, b] = runs.map(({ metrics }) => metrics['testAccuracy']);
  expect(spread['testAccuracy']).toEqual({
    mean: (a + b) / 2,
    deviation: expect.closeTo(Math.abs(a - b) / Math.SQRT2, 12),
    low: Math.min(a, b),
    high: Math.max(a, b),
  });

  // The firmware is that of the network that was measured best, and computes what it computes.
  const top = runs.reduce((one, other) => (other.metrics['valAccuracy'] > one.metrics['valAccuracy'] ? other : one));
  const home = join(root, 'chosen', `trial-${String(chosen.number).padStart(4, '0')}`);
  const network = join(home, `seed-${top.seed}`);
  const model = await loadModel(network);
  const { heldOut, test } = await loadSearchData({});
  const graph = lower(model);
  expect(fixedAccuracy(graph, heldOut)).toBe(top.metrics['valAccuracy']);
  expect(fixedAccuracy(graph, test)).toBe(top.metrics['testAccuracy']);
  model.dispose();
  const { testAccuracy } = top.metrics;
  expect(best).toMatchObject({ seed: top.seed, firmware: { testAccuracy, modelMismatches: 0 } });
  expect([0, undefined]).toContain(best?.firmware?.firmwareMismatches);

  // Exported by hand it is the same, source by source.
  const own = settings.problem?.settings as object;
  const { folder: _, ...again } = await exportNetwork(network, chosen.point, own, join(root, 'by-hand'));
  expect(best?.firmware).toMatchObject(again);
  const sources = async (folder: string): Promise<ReadonlyMap<string, string>> =>
    new Map([...(await filesOf(folder))].filter(([path]) => /\.(h|cpp|json|tcl|dat)$/.test(path)));
  const written = await sources(join(home, 'firmware'));
  expect([...written.keys()]).toEqual(expect.arrayContaining(['firmware/parameters.h', 'project.json']));
  expect(await sources(join(root, 'by-hand'))).toEqual(written);

  // Called again, nothing is trained again, and the same is said.
  const place = { study: join(root, 'study'), out: join(root, 'chosen'), trials: [trial], seeds: 2, epochs: 6 };
  const once = await retrain({ ...place, firmware: false, onTrial: () => expect.fail('trained again') });
  expect(once).toEqual([{ trial, runs, spread, best: { seed: top.seed } }]);
  await expect(search('retrain', 'study', 'more', '--epochs', '0')).rejects.toThrow(/--epochs 0: give a whole number/);
});
