import { setBackend } from '@sp/layers';
import { adam, fit } from '@sp/train';
import { partOfStep, stepParts } from '../part-of-step.ts';
import { profileRun } from '../profile-run.ts';
import type { BenchGroup, Report } from '../row.ts';
import { networks, type SparseNetwork, sparseImages, sparseModel } from '../sparse-networks.ts';

const count = 2048;
const epochs = 10;

/** Where a step of `fit` spends its time. */
export const profile: BenchGroup = {
  name: 'profile',
  about: 'a step of `fit` by part, on this thread, 16 and 128 images a step',
  run: async (report) => {
    await setBackend('cpu');
    for (const network of networks) for (const batchSize of [16, 128]) await profileSteps(report, network, batchSize);
  },
};

async function profileSteps(report: Report, network: SparseNetwork, batchSize: number): Promise<void> {
  const model = sparseModel(network, false);
  const images = sparseImages(network, count);
  const options = { batchSize, optimizer: adam(), validation: images };
  // Code is compiled and lists are made.
  await fit(model, images, { epochs: 2, ...options });
  const parts = await profileRun(() => fit(model, images, { epochs, ...options }), partOfStep);
  model.dispose();
  const steps = (epochs * count) / batchSize;
  const total = [...parts.values()].reduce((sum, time) => sum + time, 0);
  for (const part of stepParts) {
    const time = parts.get(part) ?? 0;
    const note = `${((100 * time) / total).toFixed(0)} %`;
    report({ name: `${network.name}, batch ${batchSize}: ${part}`, value: time / steps, unit: 'ms/step', note });
  }
}
