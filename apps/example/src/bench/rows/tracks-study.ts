import { collectInputReduces, totalEbops, traceMinMax } from '@sp/layers';
import {
  adam,
  cosineLr,
  type Dataset,
  evaluate,
  fit,
  noisyTracks,
  pixelFormat,
  readStream,
  setSparseEbopsFactor,
  settleBudget,
  sliceImages,
  softmaxCrossEntropy,
  sparseTrainingMonitor,
} from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { exampleNetwork } from '../../network.ts';
import { tracksPreset } from '../../presets.ts';
import { copyWeights, type DenseOptions, denseNetwork, floatNetwork } from '../dense-networks.ts';
import type { BenchGroup, Report } from '../row.ts';

const seeds = Number(process.env['SP_SEEDS'] ?? 5);
/** Images, seeds and settings of `npm start -- --data tracks`; documented in docs/pareto.md. */
const settings = { images: 4000, tested: 1000, n: 48, threshold: 0.2, epochs: 20 } as const;
/** Of the dense ones: float from scratch, then with quantizers from there. Their β costs no accuracy. */
const dense = { floatEpochs: 12, epochs: 4, learningRate: 1e-3, beta: 1e-9 } as const;

/** The network for tracks beside the same without its sparse part, quantised and in floating point. */
export const tracksStudy: BenchGroup = {
  name: 'tracks-study',
  about: `tracks in noise: ours, the same network dense and quantised, dense in floating point; SP_SEEDS seeds (default 5)`,
  onlyWhenNamed: true,
  run: async (report) => {
    const train = await readStream(noisyTracks({ count: settings.images, seed: 1 }));
    const test = await readStream(noisyTracks({ count: settings.tested, seed: 2 }));
    for (let seed = 1; seed <= seeds; seed++) {
      await trainSparse(train, test, seed, report);
      await trainDense(train, test, seed, report);
    }
  },
};

async function trainSparse(train: Dataset, test: Dataset, seed: number, report: Report): Promise<void> {
  const { architecture, penalties, recipe } = tracksPreset;
  const { n, threshold, epochs } = settings;
  const model = exampleNetwork({ architecture, penalties, ...common(train, seed), n, threshold });
  const freeze = Math.floor(epochs * recipe.learnReduction);
  await fit(model, train, {
    ...options(train, epochs, recipe.learningRate, seed),
    rates: (variable, epoch) => {
      if (!variable.startsWith('reduce/')) return 1;
      return epoch >= freeze ? 0 : variable.endsWith('threshold') ? recipe.thresholdRate : recipe.budgetRate;
    },
    callbacks: [settleBudget({ at: freeze, most: n, multiple: 1 }), sparseTrainingMonitor()],
  });
  setSparseEbopsFactor(model);
  const [{ nMaxPixels, threshold: learned }] = collectInputReduces(model);
  tell(report, 'sparse, quantised', model, test, seed, `n ${nMaxPixels}, threshold ${learned.toFixed(3)}`);
}

async function trainDense(train: Dataset, test: Dataset, seed: number, report: Report): Promise<void> {
  const network: DenseOptions = { architecture: tracksPreset.architecture, ...common(train, seed), beta: dense.beta };
  const float = floatNetwork(network);
  await fit(float, train, options(train, dense.floatEpochs, tracksPreset.recipe.learningRate, seed));
  tell(report, 'dense, floating point', float, test, seed);
  const model = denseNetwork(network);
  copyWeights(float, model);
  float.dispose();
  await fit(model, train, options(train, dense.epochs, dense.learningRate, seed));
  // What the quantizers of activations need to know before EBOPs are final.
  const images = sliceImages(train, 0, 200).images;
  const some = tf.tensor(images, [200, ...train.shape]);
  traceMinMax(model, some);
  some.dispose();
  tell(report, 'dense, quantised', model, test, seed);
}

function common({ shape, classes, ...train }: Dataset, seed: number) {
  return { shape, classes, inputFormat: pixelFormat({ shape, classes, ...train }), seed };
}

function options(train: Dataset, epochs: number, learningRate: number, seed: number) {
  const { batchSize, labelSmoothing } = tracksPreset.recipe;
  const stepsPerEpoch = Math.ceil(train.labels.length / batchSize);
  return {
    epochs,
    batchSize,
    seed,
    optimizer: adam(),
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
  };
}

function tell(report: Report, name: string, model: tf.LayersModel, test: Dataset, seed: number, note?: string): void {
  const { accuracy } = evaluate(model, test);
  const ebops = totalEbops(model);
  const cost = ebops === 0 ? '' : `${Math.round(ebops).toLocaleString('en-US')} EBOPs`;
  const notes = [cost, note ?? ''].filter((text) => text !== '').join(', ');
  report({
    name: `${name}, seed ${seed}`,
    value: 100 * accuracy,
    unit: '% right',
    ...(notes === '' ? {} : { note: notes }),
    more: { seed, accuracy, ebops },
  });
  if (name !== 'dense, floating point') model.dispose();
}
