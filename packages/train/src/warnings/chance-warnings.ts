import type { Logs } from '../fit/logs.ts';
import { type ModelWarning, percent } from './model-warning.ts';

/** What answering without looking at the image would reach. */
export interface Chance {
  /** Share of the most frequent class; 1 / classes where it is not known. */
  readonly accuracy: number;
  /** Images that the accuracy is measured on. */
  readonly images: number;
}

/** The loss must fall by this share within the epochs looked at, else it does not fall. */
const least = 0.02;

/**
 * A training that learns nothing: in the last `epochs` epochs the accuracy was that of guessing, within three standard deviations, and the task loss
 * did not fall by 2 % over them.
 *
 * @param history logs of the epochs so far
 * @param epochs default 5
 */
export function chanceWarnings(
  history: readonly Readonly<Logs>[],
  chance: Chance,
  epochs = 5,
): readonly ModelWarning[] {
  const last = history.slice(-epochs);
  const margin = 3 * Math.sqrt((chance.accuracy * (1 - chance.accuracy)) / chance.images);
  const guesses = ({ accuracy }: Readonly<Logs>): boolean => Math.abs(accuracy - chance.accuracy) <= margin;
  if (last.length < epochs || !last.every(guesses)) return [];
  const losses = last.map(({ lossTask, loss }) => lossTask ?? loss);
  if (Math.min(...losses.slice(1)) < (1 - least) * losses[0]) return [];
  const { accuracy } = last[last.length - 1];
  const message =
    `The accuracy is that of guessing (${percent(accuracy)}) for ${epochs} epochs and the loss does not fall: nothing is learned. ` +
    'Change the learning rate, check that labels belong to their images, lower β, or give the quantizers more bits.';
  return [{ kind: 'chance-accuracy', layer: undefined, share: accuracy, message }];
}
