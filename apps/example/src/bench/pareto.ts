#!/usr/bin/env node
/**
 * `node apps/example/dist/bench/pareto.js [EPOCHS]`: one training of the digits network with rising β, of which `paretoFront` keeps the models
 * that no other beats in accuracy on held-out training images, EBOPs and n. Prints the table of docs/pareto.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerLayers, setBackend } from '@sp/layers';
import {
  adam,
  betaScheduler,
  cosineLr,
  fit,
  loadDigits,
  paretoFront,
  piecewiseBeta,
  progress,
  softmaxCrossEntropy,
  sparseTrainingMonitor,
  splitDataset,
} from '@sp/train';
import { pixelFormat } from '../data.ts';
import { digitsNetwork } from '../network.ts';
import { recipe } from '../train.ts';

const epochs = Number(process.argv[2] ?? 60);
const seed = 1;
await setBackend('auto');
registerLayers();
const { rest, heldOut } = splitDataset((await loadDigits()).train, 0.2, seed);
const { shape, classes } = rest;
const model = digitsNetwork({ shape, classes, inputFormat: pixelFormat(rest), n: 24, threshold: 0.45, seed });
const directory = await mkdtemp(join(tmpdir(), 'sp-pareto-'));
try {
  const front = paretoFront({
    directory,
    metrics: ['valAccuracy', 'ebops', 'n'],
    sides: [1, -1, -1],
    enableIf: ({ valAccuracy }) => valAccuracy > 0.8,
  });
  const { batchSize, learningRate, labelSmoothing, thresholdRate, budgetRate } = recipe;
  await fit(model, rest, {
    epochs,
    batchSize,
    seed,
    optimizer: adam(),
    // The rate stays at half its start: the last epochs, of the largest β, have to move the bits too.
    learningRate: cosineLr(learningRate, {
      epochs,
      stepsPerEpoch: Math.ceil(rest.labels.length / batchSize),
      alpha: 0.5,
    }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
    rates: (variable) =>
      variable.startsWith('reduce/') ? (variable.endsWith('threshold') ? thresholdRate : budgetRate) : 1,
    validation: heldOut,
    callbacks: [
      betaScheduler(
        piecewiseBeta([
          [0, 1e-7, 'constant'],
          [Math.floor(epochs / 3), 1e-7, 'log'],
          [epochs - 1, 2e-5, 'constant'],
        ]),
      ),
      sparseTrainingMonitor(),
      front,
      progress({ write: (text) => void process.stderr.write(text), lines: epochs }),
    ],
  });
  const byEbops = [...front.records()].sort((a, b) => a.values[1] - b.values[1]);
  process.stdout.write('| Epoch | Accuracy, held-out images | EBOPs | n |\n|--:|--:|--:|--:|\n');
  for (const { epoch, values } of byEbops) {
    const [accuracy, ebops, n] = values;
    const cells = [epoch + 1, `${(100 * accuracy).toFixed(2)} %`, Math.round(ebops).toLocaleString('en-US'), n];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
