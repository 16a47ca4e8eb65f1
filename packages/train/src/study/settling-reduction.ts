import type { InputReduceArgs } from '@sp/layers';
import { type Dataset, pixelsPerImage } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';

/** How to let an input reduction settle. */
export interface SettlingOptions {
  /** Budget to start from. Within a factor of two of what the signal needs is near enough. Default 30, as in sparsepixels. */
  readonly n?: number;
  /** Threshold to start from. Default 0. */
  readonly threshold?: number;
  /** Name of the `inputReduce` layer. Default `reduce`. */
  readonly layer?: string;
  /** Epochs that the other layers learn alone. Default 2. */
  readonly warmUp?: number;
}

/** Settings with which `inputReduce` learns a threshold between noise and signal; see `settlingReduction`. */
export interface SettlingReduction {
  /** For `inputReduce`. */
  readonly reduce: InputReduceArgs;
  /** For `fit`. */
  readonly rates: (variable: string, epoch: number) => number;
}

/** Weight of the dropped share of intensity in the loss. */
const betaMaskedE = 0.5;
/** What a pixel costs, as a share of what an average one of n pixels is worth. */
const price = 0.54;
/** Softness of the threshold, as a share of the typical intensity. */
const softness = 0.01;

/**
 * The recommended settings for learning the threshold and the budget of an input reduction. With the defaults of sparsepixels, which
 * `inputReduce` keeps, both depend on luck: see the guide "Learn the threshold".
 *
 * Three things make them settle. A pixel costs a fixed share of what an average one of `n` pixels is worth (`betaN` is tied to
 * `betaMaskedE` and `n`): noise, worth less, is not worth its slot, and signal is. The threshold is sharp: its softness is a
 * hundredth of the typical intensity `Σ s² / Σ s` of the data's first channel, so that it feels only the pixels at it and stops
 * in the gap behind the noise. And for the first epochs the layer stands still, because a network that has
 * learned nothing misses no pixel.
 *
 * @throws OptionError for data without an intensity above 0, and for senseless options.
 * @example
 * const settling = settlingReduction(train);
 * const [x, mask] = inputReduce({ name: 'reduce', ...settling.reduce }).apply(input) as tf.SymbolicTensor[];
 * // …
 * await fit(model, train, { epochs: 16, rates: settling.rates });
 */
export function settlingReduction(dataset: Dataset, options: SettlingOptions = {}): SettlingReduction {
  const { n = 30, threshold = 0, layer = 'reduce', warmUp = 2 } = options;
  if (!(n >= 1)) throw new OptionError(`settlingReduction: n ${n} is not a number ≥ 1`);
  if (!(threshold >= 0)) throw new OptionError(`settlingReduction: threshold ${threshold} is not a number ≥ 0`);
  if (!Number.isInteger(warmUp) || warmUp < 0) {
    throw new OptionError(`settlingReduction: warmUp ${warmUp} is not a whole number of epochs ≥ 0`);
  }
  return {
    reduce: {
      n,
      threshold,
      betaN: (price * betaMaskedE) / n,
      betaMaskedE,
      tauThreshold: softness * typicalIntensity(dataset),
    },
    rates: (variable, epoch) => (epoch < warmUp && variable.startsWith(`${layer}/`) ? 0 : 1),
  };
}

/** Mean intensity of channel 0 over positive pixels, each with its intensity as weight: faint noise hardly moves it. */
function typicalIntensity(dataset: Dataset): number {
  const { images, labels, shape } = dataset;
  let sum = 0;
  let squares = 0;
  for (let p = 0; p < labels.length * pixelsPerImage(shape); p += shape[2]) {
    const score = Math.max(images[p], 0);
    sum += score;
    squares += score * score;
  }
  if (sum > 0 && Number.isFinite(squares)) return squares / sum;
  throw new OptionError(
    `settlingReduction: the sum of intensities above 0 in the first channel is ${sum}; give images with finite ones`,
  );
}
