import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { estimate, plan } from '@sp/hls';
import { loadModel, lower, registerLayers } from '@sp/layers';
import { fixedAccuracy } from '@sp/search/network';
import {
  adam,
  betaScheduler,
  cosineLr,
  type DataSplit,
  type Dataset,
  fit,
  loadDigits,
  type ParetoFront,
  paretoFront,
  piecewiseBeta,
  pixelFormat,
  softmaxCrossEntropy,
  sparseTrainingMonitor,
  splitDataset,
} from '@sp/train';
import { exampleNetwork } from '../../network.ts';
import { digitsPreset } from '../../presets.ts';
import type { BenchGroup } from '../row.ts';

/** Settings of the run; documented in docs/pareto.md. */
const settings = {
  epochs: 120,
  seed: 1,
  /** β of EBOPs: constant in the first third, then rising by a constant factor per epoch. */
  beta: [1e-7, 2e-5],
  /** Weight of n in the loss, and factor on its learning rate: n falls slowly, all through the training. */
  betaN: 8e-2,
  budgetRate: 0.01,
  /** The learning rate ends at this share: the last epochs, of the largest β, have to move the bits too. */
  alpha: 0.5,
  least: 0.8,
} as const;

/** One training with a rising price of bits and pixels, of which `paretoFront` keeps the models that no other beats. */
export const pareto: BenchGroup = {
  name: 'pareto',
  about: `one training of the digits network with rising β: models that no other beats in accuracy on held-out images, EBOPs and n`,
  onlyWhenNamed: true,
  run: async (report) => {
    registerLayers();
    const { train, test } = await loadDigits();
    const directory = await mkdtemp(join(tmpdir(), 'sp-pareto-'));
    try {
      const front = await trainFront({ train, test }, directory);
      const byEbops = [...front.records()].sort((a, b) => a.values[1] - b.values[1]);
      for (const { epoch, values, file } of byEbops) {
        const [heldOut, ebops, n] = values;
        const { fixed, lut, latency } = await fixedNetwork(join(directory, file), test);
        const note = `n ${n}, ${percent(heldOut)} of held-out images, fixed point ${percent(fixed)} of test images, ${lut} LUT, ${latency} cycles`;
        report({
          name: `epoch ${epoch}`,
          value: ebops,
          unit: 'EBOPs',
          note,
          more: { n, heldOut, fixed, lut, latency },
        });
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function trainFront({ train }: DataSplit, directory: string): Promise<ParetoFront> {
  const { epochs, seed, beta, betaN, budgetRate, alpha, least } = settings;
  const { batchSize, learningRate, labelSmoothing, thresholdRate } = digitsPreset.recipe;
  const { rest, heldOut } = splitDataset(train, 0.2, seed);
  const { shape, classes } = rest;
  const inputFormat = pixelFormat(rest);
  const model = exampleNetwork({ shape, classes, inputFormat, n: 24, threshold: 0.45, seed, penalties: { betaN } });
  const front = paretoFront({
    directory,
    metrics: ['valAccuracy', 'ebops', 'n'],
    enableIf: ({ valAccuracy }) => valAccuracy > least,
  });
  const stepsPerEpoch = Math.ceil(rest.labels.length / batchSize);
  await fit(model, rest, {
    epochs,
    batchSize,
    seed,
    optimizer: adam(),
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch, alpha }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
    rates: (variable, epoch) => {
      if (!variable.startsWith('reduce/')) return 1;
      return variable.endsWith('threshold') ? thresholdRate : epoch < epochs / 3 ? 0 : budgetRate;
    },
    validation: heldOut,
    callbacks: [
      betaScheduler(
        piecewiseBeta([
          [0, beta[0], 'constant'],
          [Math.floor(epochs / 3), beta[0], 'log'],
          [epochs - 1, beta[1], 'constant'],
        ]),
      ),
      sparseTrainingMonitor(),
      front,
    ],
  });
  return front;
}

/** Test accuracy of a saved model as exact integers, and what its firmware costs by estimate, planned by default. */
async function fixedNetwork(
  folder: string,
  test: Dataset,
): Promise<{ readonly fixed: number; readonly lut: number; readonly latency: number }> {
  const model = await loadModel(folder);
  try {
    const graph = lower(model);
    const { lut, latency } = estimate(plan(graph));
    return { fixed: fixedAccuracy(graph, test), lut, latency };
  } finally {
    model.dispose();
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
