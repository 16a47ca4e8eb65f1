import type { InputReduceArgs } from '@sp/layers';
import { cosineLr, type Dataset, evaluate, type FitCallback, type FitOptions, fit, settlingReduction } from '@sp/train';
import { type Detector, detectors, noisyImages, smallNetwork } from '../noisy-images.ts';
import type { BenchGroup, Report } from '../row.ts';

/** Settings of the study; documented in docs/guides/learn-the-threshold.md. */
const settings = {
  /** Largest noise, as a share of the smallest signal. */
  levels: [0.25, 0.5, 0.6, 0.75],
  seeds: [1, 2, 3, 4, 5],
  /** A fixed budget that cuts hardly an image. */
  ample: 40,
  /**
   * A budget suffices if its mean accuracy over the seeds is within so many standard errors, √(a (1 − a) / test images), of the accuracy a of an
   * ample one: closer than the test images can tell apart.
   */
  standardErrors: 1,
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
      const enough = await sweep(detector, report);
      for (const level of settings.levels) await study(detector, level, enough, report);
    }
  },
};

/** Trains with learned thresholds and budgets at one level of noise. */
async function study(detector: Detector, level: number, enough: number, report: Report): Promise<void> {
  const noise = level * detector.smallest;
  const about = `${detector.name}, noise to ${noise.toFixed(3)}`;
  const data = await split(detector, noise);
  let between = 0;
  let most = 0;
  for (const seed of settings.seeds) {
    const { reduce, rates, callback } = settlingReduction(data.train);
    const row = await trial(data, seed, reduce, { rates, callbacks: [callback] });
    if (isBetween(row, noise, detector)) between++;
    most = Math.max(most, row.n);
    report(rowOf(`${about}, seed ${seed}`, row, { noise, detector, level, seed }));
  }
  const note = `thresholds between in ${between} of ${settings.seeds.length}`;
  report({ name: `${about}, largest n of the smallest that suffices`, value: most / enough, unit: '×', note });
  if (level !== settings.levels[1]) return;
  for (const { name, reduce } of others) {
    const row = await trial(data, 1, reduce);
    report(rowOf(`${about}, ${name}`, row, { noise, detector, level, seed: 0 }));
  }
}

/**
 * Finds the smallest sufficient budget by halving between two that were known. Noise below the threshold does not reach the
 * network, so one search, without noise, is valid for all levels.
 */
async function sweep(detector: Detector, report: Report): Promise<number> {
  const data = await split(detector, 0);
  const accuracyOf = async (n: number): Promise<number> => {
    const reduce = { n, threshold: detector.smallest / 2, learnN: false, learnThreshold: false };
    let sum = 0;
    for (const seed of settings.seeds) sum += (await trial(data, seed, reduce)).accuracy;
    const accuracy = sum / settings.seeds.length;
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
  const wanted = best - settings.standardErrors * Math.sqrt((best * (1 - best)) / settings.testImages);
  let [tooSmall, enough] = detector.budgets;
  while (enough - tooSmall > 1) {
    const middle = (tooSmall + enough) >> 1;
    if ((await accuracyOf(middle)) >= wanted) enough = middle;
    else tooSmall = middle;
  }
  const name = `${detector.name}, smallest sufficient budget`;
  report({
    name,
    value: enough,
    unit: 'pixels',
    note: `at least ${percent(wanted)}`,
    more: { best, wanted, sufficient: 1 },
  });
  return enough;
}

interface Trial {
  readonly accuracy: number;
  readonly threshold: number;
  /** Where the threshold had come by itself, before it was put into a gap. */
  readonly reached: number;
  readonly n: number;
}

async function trial(
  { train, test }: { readonly train: Dataset; readonly test: Dataset },
  seed: number,
  reduce: InputReduceArgs,
  settling: Pick<FitOptions, 'rates' | 'callbacks'> = {},
): Promise<Trial> {
  const { epochs, batchSize, learningRate } = settings;
  const { model, reduction } = smallNetwork(train, reduce, seed);
  const stepsPerEpoch = Math.ceil(train.labels.length / batchSize);
  const thresholds: number[] = [];
  const watch: FitCallback = {
    name: 'watch',
    keepsImages: true,
    onEpochEnd: () => void thresholds.push(reduction.threshold),
  };
  await fit(model, train, {
    epochs,
    batchSize,
    seed,
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch, alpha: 0.05 }),
    engine: 'fused',
    threads: 1,
    say: () => {},
    ...settling,
    callbacks: [watch, ...(settling.callbacks ?? [])],
  });
  const { accuracy } = evaluate(model, test);
  const { threshold: last, nMaxPixels } = reduction;
  const before = settling.callbacks === undefined ? last : thresholds.findLast((t) => t !== last);
  const row = { accuracy, threshold: last, reached: before ?? last, n: nMaxPixels };
  model.dispose();
  return row;
}

function rowOf(
  name: string,
  row: Trial,
  { noise, detector, level, seed }: { noise: number; detector: Detector; level: number; seed: number },
): Parameters<Report>[0] {
  const { accuracy, threshold: learned, reached, n } = row;
  const { smallest } = detector;
  const between = isBetween(row, noise, detector) ? 1 : 0;
  const note = `threshold ${reached.toFixed(4)} → ${learned.toFixed(3)} ${between ? 'in' : 'NOT IN'} ${noise.toFixed(3)} … ${smallest}, ${percent(accuracy)}`;
  const more = { accuracy, threshold: learned, reached, noise, smallest, between, level, seed };
  return { name, value: n, unit: 'pixels', note, more };
}

function isBetween({ threshold: learned }: Trial, noise: number, { smallest }: Detector): boolean {
  return learned >= noise && learned < smallest;
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
