import { collectInputReduces, totalEbops } from '@sp/layers';
import {
  adam,
  cosineLr,
  type Dataset,
  evaluate,
  type FitCallback,
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
import { copyWeights, denseNetwork } from '../dense-networks.ts';
import type { BenchGroup, Report } from '../row.ts';

/** Images, epochs and start values of `npm start -- --data tracks`. */
const settings = { images: 4000, tested: 1000, n: 48, threshold: 0.2, epochs: 20 } as const;
/**
 * Of the dense network. Trained with quantizers from the start as ours is, it ends far below its floating point (docs/pareto.md): it gets floating point first,
 * then quantizers under a price of its bit operations that is pressed like ours, and bits move faster than weights.
 */
const dense = { floatEpochs: 10, epochs: 6, learningRate: 2e-3, bitRate: 5, beta: 3e-9 } as const;

type Kind = 'sparse' | 'dense';

/** The network for tracks beside the same without its sparse part, in floating point and quantised. */
export const tracksStudy: BenchGroup = {
  name: 'tracks-study',
  about:
    'tracks in noise: ours, the same network dense and quantised, dense in floating point; SP_SEEDS=5 or 2-4, SP_NETWORKS=sparse,dense, SP_BETA of the dense one',
  onlyWhenNamed: true,
  run: async (report) => {
    const { seeds, kinds, beta } = chosen();
    const train = await readStream(noisyTracks({ count: settings.images, seed: 1 }));
    const test = await readStream(noisyTracks({ count: settings.tested, seed: 2 }));
    for (const seed of seeds) {
      if (kinds.includes('sparse')) await trainSparse(train, test, seed, report);
      if (kinds.includes('dense')) await trainDense(beta, train, test, seed, report);
    }
  },
};

/** What the environment asks for. */
function chosen(): { readonly seeds: readonly number[]; readonly kinds: readonly Kind[]; readonly beta: number } {
  const {
    SP_SEEDS: seeds = '5',
    SP_NETWORKS: networks = 'sparse,dense',
    SP_BETA: beta = `${dense.beta}`,
  } = process.env;
  const range = /^(?:(\d+)-)?(\d+)$/.exec(seeds);
  if (range === null) throw new RangeError(`SP_SEEDS is '${seeds}'; give a number of seeds (5), or a range (2-4)`);
  const [first, last] = [Number(range[1] ?? 1), Number(range[2])];
  const kinds = networks.split(',').map((word) => {
    if (word === 'sparse' || word === 'dense') return word;
    throw new RangeError(`SP_NETWORKS has '${word}'; give some of sparse,dense`);
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
    ...options(train, seed, epochs, recipe.learningRate),
    rates: (variable, epoch) => {
      if (!variable.startsWith('reduce/')) return 1;
      return epoch >= freeze ? 0 : variable.endsWith('threshold') ? recipe.thresholdRate : recipe.budgetRate;
    },
    callbacks: [settleBudget({ at: freeze, most: n, multiple: 1 }), sparseTrainingMonitor()],
  });
  setSparseEbopsFactor(model);
  const [{ nMaxPixels, threshold: learned }] = collectInputReduces(model);
  tell(report, 'sparse, quantised', model, test, seed, `n ${nMaxPixels}, threshold ${learned.toFixed(3)}`);
  model.dispose();
}

async function trainDense(beta: number, train: Dataset, test: Dataset, seed: number, report: Report): Promise<void> {
  const { architecture, recipe } = tracksPreset;
  const network = { architecture, ...common(train, seed), beta };
  const float = denseNetwork({ ...network, numbers: 'float' });
  await fit(float, train, {
    ...options(train, seed, dense.floatEpochs, recipe.learningRate),
    callbacks: [tellEpochs(`dense, floating point, seed ${seed}`)],
  });
  tell(report, 'dense, floating point', float, test, seed);
  const model = denseNetwork({ ...network, numbers: 'quantised' });
  copyWeights(float, model);
  float.dispose();
  await fit(model, train, {
    ...options(train, seed, dense.epochs, dense.learningRate),
    rates: (variable) => (/\/[ikb]q\//.test(variable) ? dense.bitRate : 1),
    callbacks: [tellEpochs(`dense, quantised, seed ${seed}`, () => `${totalEbops(model)} EBOPs`)],
  });
  tell(report, 'dense, quantised', model, test, seed, `β ${beta.toExponential(0)}`);
  model.dispose();
}

/** Minutes pass between the rows of the dense networks. */
function tellEpochs(name: string, more: () => string = () => ''): FitCallback {
  return {
    name: 'tell-epochs',
    keepsImages: true,
    onEpochEnd: (epoch, { accuracy, seconds }) =>
      void process.stderr.write(`${name}, epoch ${epoch + 1}: ${accuracy}, ${seconds} s ${more()}\n`),
  };
}

function common({ shape, classes, ...train }: Dataset, seed: number) {
  return { shape, classes, inputFormat: pixelFormat({ shape, classes, ...train }), seed };
}

function options(train: Dataset, seed: number, epochs: number, learningRate: number) {
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
}
