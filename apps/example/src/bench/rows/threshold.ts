import type { InputReduceArgs } from '@sp/layers';
import { cosineLr, type Dataset, evaluate, type FitOptions, fit, settlingReduction } from '@sp/train';
import { type Detector, detectors, noisyImages, smallNetwork } from '../noisy-images.ts';
import type { BenchGroup, Report } from '../row.ts';

/** Settings of the study; documented in docs/guides/learn-the-threshold.md. */
const settings = {
  /** Largest noise, as a share of the smallest signal. */
  levels: [0.25, 0.5, 0.6, 0.75],
  seeds: [1, 2, 3, 4, 5],
  /** Seeds of the trainings with a fixed budget. */
  fixedSeeds: [1, 2, 3],
  /** A fixed budget that cuts hardly an image. */
  ample: 40,
  /** A budget suffices if its mean accuracy over the seeds is this close to that of an ample one. */
  tolerance: 0.005,
  images: 3000,
  testImages: 2000,
  epochs: 16,
  batchSize: 64,
  learningRate: 4e-3,
} as const;

/** Where other settings end, at the middle level. */
const others: readonly { readonly name: string; readonly reduce: InputReduceArgs }[] = [
  { name: 'sparsepixels 0.3.0', reduce: {} },
  { name: 'later sparsepixels', reduce: { betaN: 5e-3, betaMaskedE: 1 } },
  { name: 'cheap pixels', reduce: { betaN: 1e-3, betaMaskedE: 0.5 } },
];

/** Where the learned threshold and budget end, beside the smallest fixed budget that suffices. */
export const threshold: BenchGroup = {
  name: 'threshold',
  about: 'learned thresholds and budgets on images with noise, against a sweep of fixed budgets',
  onlyWhenNamed: true,
  run: async (report) => {
    for (const detector of detectors) {
      await sweep(detector, report);
      for (const level of settings.levels) {
        const noise = level * detector.smallest;
        const data = await split(detector, noise);
        const { reduce, rates } = settlingReduction(data.train);
        for (const seed of settings.seeds) {
          const row = await trial(data, seed, reduce, rates);
          report(
            rowOf(`${detector.name}, noise to ${noise.toFixed(3)}, seed ${seed}`, row, {
              noise,
              detector,
              level,
              seed,
            }),
          );
        }
        if (level !== settings.levels[1]) continue;
        for (const { name, reduce: other } of others) {
          const row = await trial(data, 1, other);
          report(
            rowOf(`${detector.name}, noise to ${noise.toFixed(3)}, ${name}`, row, { noise, detector, level, seed: 0 }),
          );
        }
      }
    }
  },
};

/**
 * Finds the smallest sufficient budget by halving between two that were known. Noise below the threshold does not reach the
 * network, so one search, without noise, is valid for all levels.
 */
async function sweep(detector: Detector, report: Report): Promise<void> {
  const data = await split(detector, 0);
  const accuracyOf = async (n: number): Promise<number> => {
    const reduce = { n, threshold: detector.smallest / 2, learnN: false, learnThreshold: false };
    let sum = 0;
    for (const seed of settings.fixedSeeds) sum += (await trial(data, seed, reduce)).accuracy;
    const accuracy = sum / settings.fixedSeeds.length;
    report({
      name: `${detector.name}, fixed budget`,
      value: n,
      unit: 'pixels',
      note: percent(accuracy),
      more: { accuracy },
    });
    return accuracy;
  };
  const best = await accuracyOf(settings.ample);
  let [tooSmall, enough] = detector.budgets;
  while (enough - tooSmall > 1) {
    const middle = (tooSmall + enough) >> 1;
    if ((await accuracyOf(middle)) >= best - settings.tolerance) enough = middle;
    else tooSmall = middle;
  }
  const name = `${detector.name}, smallest sufficient budget`;
  report({ name, value: enough, unit: 'pixels', more: { best, sufficient: 1 } });
}

interface Trial {
  readonly accuracy: number;
  readonly threshold: number;
  readonly n: number;
}

async function trial(
  { train, test }: { readonly train: Dataset; readonly test: Dataset },
  seed: number,
  reduce: InputReduceArgs,
  rates?: FitOptions['rates'],
): Promise<Trial> {
  const { epochs, batchSize, learningRate } = settings;
  const { model, reduction } = smallNetwork(train, reduce, seed);
  const stepsPerEpoch = Math.ceil(train.labels.length / batchSize);
  await fit(model, train, {
    epochs,
    batchSize,
    seed,
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch, alpha: 0.05 }),
    engine: 'fused',
    threads: 1,
    ...(rates === undefined ? {} : { rates }),
  });
  const { accuracy } = evaluate(model, test);
  const row = { accuracy, threshold: reduction.threshold, n: reduction.nMaxPixels };
  model.dispose();
  return row;
}

function rowOf(
  name: string,
  { accuracy, threshold: learned, n }: Trial,
  { noise, detector: { smallest }, level, seed }: { noise: number; detector: Detector; level: number; seed: number },
): Parameters<Report>[0] {
  const between = learned >= noise && learned < smallest ? 1 : 0;
  const note = `threshold ${learned.toFixed(3)} ${between ? 'in' : 'NOT IN'} ${noise.toFixed(3)} … ${smallest}, ${percent(accuracy)}`;
  const more = { accuracy, threshold: learned, noise, smallest, between, level, seed };
  return { name, value: n, unit: 'pixels', note, more };
}

async function split(detector: Detector, noise: number): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  return {
    train: await noisyImages(detector, noise, settings.images, 1),
    test: await noisyImages(detector, noise, settings.testImages, 2),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
