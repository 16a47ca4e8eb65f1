import { collectInputReduces, type InputReduce, type InputReduceArgs } from '@sp/layers';
import { setVariable } from '@sp/layers/internal';
import { type Dataset, pixelsPerImage } from '../data/dataset.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import { seenEpochs } from '../fit/seen-epochs.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { activeList, distinctPositive } from './active-list.ts';
import { type Gap, widestGap } from './widest-gap.ts';

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
  /** For `fit`'s callbacks, in front of those that keep or save models. */
  readonly callback: FitCallback;
}

/** Weight of the dropped share of intensity in the loss. */
const betaMaskedE = 0.5;
/** What a pixel costs, as a share of what an average one of n pixels is worth. */
const price = 0.6;
/** Softness of the threshold, as a share of the typical intensity. */
const softness = 0.01;

/**
 * The recommended settings for learning the threshold and the budget of an input reduction. With the defaults of sparsepixels, which
 * `inputReduce` keeps, both depend on luck: see the guide "Learn the threshold".
 *
 * Four things make them settle. A pixel costs a fixed share of what an average one of `n` pixels is worth (`betaN` is tied to
 * `betaMaskedE` and `n`): noise, worth less, is not worth its slot, and signal is. The threshold is sharp: its softness is a
 * hundredth of the typical intensity `Σ s² / Σ s` of the data's first channel, so that it feels only the pixels at it and stops
 * in the gap behind the noise. For the first epochs the layer stands still, because a network that has
 * learned nothing misses no pixel. And from half of the epochs on, as soon as there is a gap between the data's values within a quarter
 * of the threshold, at least a twentieth of it and as much as its softness wide, the callback puts it into the middle of the widest, where it stays: then only the
 * budget is learned. Where noise and signal overlap there is no gap, and it goes on as it was.
 *
 * @throws OptionError for data without an intensity above 0, and for unknown and senseless options; from `fit` if the model has no
 * `inputReduce` of that name.
 * @example
 * const settling = settlingReduction(train);
 * const [x, mask] = inputReduce({ name: 'reduce', ...settling.reduce }).apply(input) as tf.SymbolicTensor[];
 * // …
 * await fit(model, train, { epochs: 16, rates: settling.rates, callbacks: [settling.callback] });
 */
export function settlingReduction(dataset: Dataset, options: SettlingOptions = {}): SettlingReduction {
  checkOptionNames(options, ['n', 'threshold', 'layer', 'warmUp'], 'settlingReduction');
  const { n = 30, threshold = 0, layer = 'reduce', warmUp = 2 } = options;
  if (!(n >= 1)) throw new OptionError(`settlingReduction: n ${n} is not a number ≥ 1`);
  if (!(threshold >= 0)) throw new OptionError(`settlingReduction: threshold ${threshold} is not a number ≥ 0`);
  if (!Number.isInteger(warmUp) || warmUp < 0) {
    throw new OptionError(`settlingReduction: warmUp ${warmUp} is not a whole number of epochs ≥ 0`);
  }
  let settled = false;
  let values: Float32Array | undefined;
  const seen = seenEpochs();
  const rateOfLayer = (variable: string, epoch: number): number =>
    epoch < warmUp || (settled && variable === `${layer}/threshold`) ? 0 : 1;
  return {
    reduce: {
      n,
      threshold,
      betaN: (price * betaMaskedE) / n,
      betaMaskedE,
      tauThreshold: softness * typicalIntensity(dataset),
    },
    rates: (variable, epoch) => (variable.startsWith(`${layer}/`) ? rateOfLayer(variable, epoch) : 1),
    callback: forFit({
      name: 'settlingReduction',
      keepsImages: true,
      onTrainBegin: ({ model }) => void reductionCalled(layer, model),
      onEpochBegin(epoch) {
        if (seen.begin(epoch)) settled = false;
      },
      onEpochEnd(epoch, _logs, { model, epochs, say = console.warn }) {
        if (settled || epoch + 1 < Math.max(warmUp + 1, Math.ceil(epochs / 2))) return;
        const reduction = reductionCalled(layer, model);
        if (!reduction.learnThreshold) return;
        values ??= distinctPositive(activeList(dataset).values);
        const gap = widestGap(values, reduction.threshold, reduction.tauThreshold);
        settled = gap !== undefined;
        if (gap !== undefined) say(`settlingReduction: ${settle(reduction, gap)}`);
        else if (epoch + 1 === epochs) say(`settlingReduction: ${unsettled(reduction)}`);
      },
      state: () => settled,
      restore(state) {
        settled = state as boolean;
        seen.forget();
      },
    }),
  };
}

/** Puts a learned threshold into a gap, and says so. */
function settle({ threshold, variables }: InputReduce, { from, to }: Gap): string {
  const middle = (from + to) / 2;
  setVariable(variables.threshold.variable, Float32Array.of(middle));
  return `threshold ${shown(threshold)} → ${shown(middle)}, between the values ${shown(from)} and ${shown(to)}`;
}

function unsettled({ threshold }: InputReduce): string {
  return `threshold ${shown(threshold)} is in no gap: values lie close together there; noise and signal overlap, or more epochs are needed`;
}

function shown(value: number): string {
  return value.toPrecision(4);
}

function reductionCalled(name: string, model: FitContext['model']): InputReduce {
  const layers = collectInputReduces(model);
  const found = layers.find((layer) => layer.name === name);
  if (found !== undefined) return found;
  const names = layers.map((layer) => `'${layer.name}'`).join(', ');
  throw new OptionError(
    `settlingReduction: the model has no inputReduce called '${name}'${names === '' ? '' : `, but ${names}; give its name as layer`}`,
  );
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
