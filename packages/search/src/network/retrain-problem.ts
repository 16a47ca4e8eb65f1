import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loadModel, lower } from '@sp/layers';
import { replaceFolder } from '@sp/quant/files';
import type { Json, Point } from '@sp/train/internal';
import type { Problem } from '../run/problem.ts';
import { loadSearchData } from './load-search-data.ts';
import { fixedAccuracy } from './measure-network.ts';
import { MODEL, networkProblem } from './network-problem.ts';
import type { NetworkSettings } from './network-settings.ts';

/** What is trained again. */
export interface RetrainSettings {
  readonly network: NetworkSettings;
  /** By number of the trial they come from. */
  readonly points: Readonly<Record<string, Point>>;
  /** Folder that gets the trained networks. */
  readonly out: string;
}

/** Where a retrained network lies. */
export function retrainedFolder(out: string, trial: number, seed: number): string {
  return join(out, `trial-${String(trial).padStart(4, '0')}`, `seed-${seed}`);
}

/** A study of the trials of another one from several seeds: as before, all the way, and with the accuracy on the test images, which nothing is chosen by. */
export default async function retrainProblem(given: Json): Promise<Problem> {
  const { network, points, out } = given as unknown as RetrainSettings;
  const inner = await networkProblem(network as unknown as Json, {});
  const { test } = await loadSearchData(network);
  return {
    async run({ number, point: { trial, seed } }, context) {
      const task = { number, point: points[String(trial)], seed: Number(seed), rungs: [] };
      const metrics = await inner.run(task, { ...context, rung: () => true });
      const trained = join(context.folder, MODEL);
      const model = await loadModel(trained);
      try {
        const testAccuracy = fixedAccuracy(lower(model), test);
        const target = retrainedFolder(out, Number(trial), Number(seed));
        await mkdir(dirname(target), { recursive: true });
        await replaceFolder(target, (fresh) => cp(trained, fresh, { recursive: true }), { note: () => {} });
        return { ...metrics, testAccuracy };
      } finally {
        model.dispose();
      }
    },
  };
}
