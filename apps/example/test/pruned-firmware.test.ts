import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, compile, emit, findCompiler, savedWork, write } from '@sp/hls';
import { lower, setBackend } from '@sp/layers';
import { sliceImages } from '@sp/train';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Goal, pruneNetwork, type StudyEffort, studyNetworks, studyPlan } from '../src/bench/pruned-network.ts';
import { verify } from '../src/verify.ts';

const effort: StudyEffort = { epochs: 4, stepEpochs: 2, steps: 1, rate: 1e-2, images: 300 };

const hasCompiler = await findCompiler().then(
  () => true,
  () => false,
);

let root: string;
beforeAll(async () => {
  await setBackend('auto');
  root = await mkdtemp(join(tmpdir(), 'sp-pruned-'));
});
afterAll(() => rm(root, { recursive: true }));

/** Model, interpreter and compiled C++ agree in every code, and the C++ has less to do. */
it.skipIf(!hasCompiler)('firmware of pruned networks is smaller and bit-exact', async () => {
  const networks = await studyNetworks('jets', 1, effort);
  const images = sliceImages(networks.data.test, 0, 60);
  for (const goal of ['DSP', 'adders'] satisfies Goal[]) {
    const { model, before, after } = await pruneNetwork(networks, goal, 1, effort);
    expect(after.need).toBeLessThan(before.need);
    const graph = lower(model);
    const decided = studyPlan(graph, goal);
    const saved = savedWork(decided);
    const zeros = saved.reduce((sum, row) => sum + row.zeros, 0);
    expect(zeros).toBeGreaterThan(0.3 * saved.reduce((sum, row) => sum + row.weights, 0));
    if (goal === 'DSP') expect(saved.some(({ leftOut = 0 }) => leftOut > 100)).toBe(true);
    const folder = join(root, goal);
    await write(emit(decided), folder);
    const project = await compile(folder);
    expect((await compare(graph, project, images.images)).mismatches).toBe(0);
    expect((await verify(model, graph, project, images)).mismatches).toBe(0);
    model.dispose();
  }
});
