import { checkOptionNames } from '../option-names.ts';
import type { ClassLabels } from './class-labels.ts';
import { DataError } from './data-error.ts';

/** What arrays do not tell by themselves. */
export interface DatasetOptions {
  /**
   * Number of classes; labels must then be `0 … classes − 1`. Default: what the labels need; with gaps between them (or from another number than 0 on)
   * they are numbered in ascending order, kept as `labelIds`, and that is said.
   */
  readonly classes?: number;
  /**
   * The label of every class, e.g. those of the training images, `train.labelIds`, for test images of another file. Default: as for `classes`.
   */
  readonly labelIds?: readonly number[] | undefined;
  /** Which axis of images `[count, …]` with four axes holds the channels: the last (TensorFlow) or the first (PyTorch). Default 'last'. */
  readonly channels?: 'first' | 'last';
  /** Is told what should be known before training, in one line each. Default `console.warn`. */
  readonly note?: (text: string) => void;
}

/** Height, width and channels of an array of images. */
export interface ImageAxes {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly channelsFirst: boolean;
}

/**
 * What the axes of an array of images mean.
 *
 * @throws DataError for another number of axes than 3 or 4, or `channels` that do not fit them.
 */
export function imageAxes(
  axes: readonly number[],
  channels: DatasetOptions['channels'],
  source: string,
  field: string,
): ImageAxes {
  if (channels !== undefined && channels !== 'first' && channels !== 'last') {
    throw new DataError(source, 'channels', `'${String(channels)}' is neither 'first' nor 'last'`);
  }
  const given = `shape [${axes.join(', ')}]`;
  if (axes.length !== 3 && axes.length !== 4) {
    throw new DataError(source, field, `${given}, expected [count, height, width] or [count, height, width, channels]`);
  }
  if (axes.length === 3) {
    if (channels === 'first') {
      throw new DataError(source, field, `${given} has no axis of channels; leave channels 'first' out`);
    }
    return { shape: [axes[1], axes[2], 1], channelsFirst: false };
  }
  const [, a, b, c] = axes;
  return channels === 'first' ? { shape: [b, c, a], channelsFirst: true } : { shape: [a, b, c], channelsFirst: false };
}

/** A hint when images look as if their channels came first: few rows, and as many channels as columns or more. */
export function channelsHint(axes: readonly number[], channels: DatasetOptions['channels']): string | undefined {
  const [, first, second, last] = axes;
  if (channels !== undefined || axes.length !== 4 || !(last > 4 && last >= second && first < second)) return undefined;
  return (
    `images of shape [${axes.slice(1).join(', ')}] are taken as ${first} × ${second} pixels with ${last} channels; ` +
    "if the channels come first, say channels: 'first' (else 'last')"
  );
}

/** `[count, channels, height, width]` as `[count, height, width, channels]`. */
export function channelsLast(
  data: Float32Array,
  count: number,
  [height, width, channels]: ImageAxes['shape'],
): Float32Array {
  const pixels = height * width;
  const moved = new Float32Array(data.length);
  for (let image = 0; image < count; image++) {
    const base = image * pixels * channels;
    for (let channel = 0; channel < channels; channel++) {
      for (let p = 0; p < pixels; p++) moved[base + p * channels + channel] = data[base + channel * pixels + p];
    }
  }
  return moved;
}

/**
 * Refuses options of other names, which would be ignored without a word.
 *
 * @param more names that the function knows besides those of `DatasetOptions`
 * @throws OptionError naming the option, the nearest known one if one is near, and all that there are.
 */
export function checkDatasetOptions(options: object, more: readonly string[], where: string): void {
  checkOptionNames(options, [...more, ...datasetOptionNames], where);
}

const datasetOptionNames = Object.keys({
  classes: 0,
  labelIds: 0,
  channels: 0,
  note: 0,
} satisfies Record<keyof DatasetOptions, 0>);

/**
 * The classes that the options name; undefined: they are left to the labels.
 *
 * @throws DataError for `labelIds` that are no different whole numbers, or not as many as `classes` says.
 */
export function namedClasses({ classes, labelIds }: DatasetOptions, source: string): ClassLabels | undefined {
  if (labelIds === undefined) return classes === undefined ? undefined : { classes };
  const wrong = labelIds.findIndex((id, index) => !Number.isSafeInteger(id) || labelIds.indexOf(id) !== index);
  if (wrong >= 0) {
    throw new DataError(
      source,
      'labelIds',
      `${labelIds[wrong]} is no whole number, or there twice; give each label once`,
    );
  }
  if (labelIds.length < 2) throw new DataError(source, 'labelIds', `${labelIds.length} labels; give two or more`);
  if (classes !== undefined && classes !== labelIds.length) {
    throw new DataError(source, 'labelIds', `${labelIds.length} labels for ${classes} classes; leave classes out`);
  }
  return { classes: labelIds.length, labelIds };
}

/** Tells a note the way the options ask for. */
export function tell({ note = console.warn }: DatasetOptions, source: string, text: string | undefined): void {
  if (text !== undefined) note(`${source}: ${text}`);
}
