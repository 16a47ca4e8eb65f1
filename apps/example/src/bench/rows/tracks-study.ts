import { collectInputReduces, totalEbops } from '@sp/layers';
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
  softmaxCrossEntropy,
  sparseTrainingMonitor,
} from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import { exampleNetwork } from '../../network.ts';
import { tracksPreset } from '../../presets.ts';
import { denseNetwork } from '../dense-networks.ts';
import type { BenchGroup, Report } from '../row.ts';

/** Images, epochs and start values of `npm start -- --data tracks`. */
const settings = { images: 4000, tested: 1000, n: 48, threshold: 0.2, epochs: 20 } as const;
/**
 * Price of a bit operation in the dense network: it has about a hundred times as many, so that this presses its bits as ours are pressed; ten times as
 * much, and a tenth, are measured beside it for the first seed. docs/pareto.md has what came out.
 */
const denseBeta = 3e-9;

type Kind = 'sparse' | 'dense' | 'float';

/** The network for tracks beside the same without its sparse part, quantised and in floating point, trained alike. */
export const tracksStudy: BenchGroup = {
  name: 'tracks-study',
  about:
    'tracks in noise: ours, the same network dense and quantised, dense in floating point; SP_SEEDS=5 or 2-4, SP_NETWORKS=sparse,dense,float, SP_BETA of the dense one',
  onlyWhenNamed: true,
  run: async (report) => {
    const { seeds, kinds, beta } = chosen();
    const train = await readStream(noisyTracks({ count: settings.images, seed: 1 }));
    const test = await readStream(noisyTracks({ count: settings.tested, seed: 2 }));
    for (const seed of seeds) {
      if (kinds.includes('sparse')) await trainSparse(train, test, seed, report);
      if (kinds.includes('dense')) await trainDense('quantised', beta, train, test, seed, report);
      if (kinds.includes('float')) await trainDense('float', 0, train, test, seed, report);
    }
  },
};

/** What the environment asks for. */
function chosen(): { readonly seeds: readonly number[]; readonly kinds: readonly Kind[]; readonly beta: number } {
  const {
    SP_SEEDS: seeds = '5',
    SP_NETWORKS: networks = 'sparse,dense,float',
    SP_BETA: beta = `${denseBeta}`,
  } = process.env;
  const range = /^(?:(\d+)-)?(\d+)$/.exec(seeds);
  if (range === null) throw new RangeError(`SP_SEEDS is '${seeds}'; give a number of seeds (5), or a range (2-4)`);
  const [first, last] = [Number(range[1] ?? 1), Number(range[2])];
  const kinds = networks.split(',').map((word) => {
    if (word === 'sparse' || word === 'dense' || word === 'float') return word;
    throw new RangeError(`SP_NETWORKS has '${word}'; give some of sparse,dense,float`);
  });
  const price = Number(beta);
  if (!(price >= 0 && price < 1)) throw new RangeError(`SP_BETA is '${beta}'; give a number from 0 to 1, as 1e-8`);
  return { seeds: Array.from({ length: last - first + 1 }, (_, j) => first + j), kinds, beta: price };
}

async function trainSparse(train: Dataset, test: Dataset, seed: number, report: Report): Promise<void> {
  const { architecture, penalties, recipe } = tracksPreset;
  const { n, threshold, epochs } = settings;
  const model = exampleNetwork({ architecture, penalties, ...common(train, seed), n, threshold });
  const freeze = Math.floor(epochs * recipe.learnReduction);
  await fit(model, train, {
    ...options(train, seed),
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

async function trainDense(
  numbers: 'quantised' | 'float',
  beta: number,
  train: Dataset,
  test: Dataset,
  seed: number,
  report: Report,
): Promise<void> {
  const { architecture } = tracksPreset;
  const model = denseNetwork({ architecture, ...common(train, seed), beta, numbers });
  await fit(model, train, options(train, seed));
  const name = numbers === 'float' ? 'dense, floating point' : 'dense, quantised';
  tell(report, name, model, test, seed, numbers === 'float' ? undefined : `β ${beta.toExponential(0)}`);
}

function common({ shape, classes, ...train }: Dataset, seed: number) {
  return { shape, classes, inputFormat: pixelFormat({ shape, classes, ...train }), seed };
}

/** The recipe of `npm start -- --data tracks`, for all three. */
function options(train: Dataset, seed: number) {
  const { batchSize, labelSmoothing, learningRate } = tracksPreset.recipe;
  const { epochs } = settings;
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
  model.dispose();
}
