import { type ImageShape, pixelsPerImage } from '../data/dataset.ts';
import { type RandomSource, randomSource } from '../data/random.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { checkRows } from '../stream/array-reader.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';

/** How many images, and which. */
export interface SyntheticOptions {
  /** Number of images. They are made when read: a million need no more memory than one batch. */
  readonly count: number;
  /** Image `j` depends on the seed and `j` only. Default 0. */
  readonly seed?: number;
}

/** Draws one image of class `label` into `pixels` (all 0 before). */
export type Draw = (pixels: Float32Array, label: number, random: RandomSource) => void;

/** A streaming data set of drawn images; all classes are equally likely. */
export function drawnImages(
  name: string,
  options: SyntheticOptions,
  shape: ImageShape,
  classes: number,
  draw: Draw,
): StreamingDataset {
  checkOptionNames(options, ['count', 'seed'], name);
  const { count, seed = 0 } = options;
  if (!Number.isInteger(count) || count < 1) throw new OptionError(`${name}: count ${count} is not a whole number ≥ 1`);
  if (!Number.isInteger(seed)) throw new OptionError(`${name}: seed ${seed} is not a whole number`);
  const size = pixelsPerImage(shape);
  return {
    name,
    length: count,
    shape,
    classes,
    close: async () => {},
    async read(start, end) {
      checkRows(start, end, count, name);
      const images = new Float32Array((end - start) * size);
      const labels = new Int32Array(end - start);
      for (let j = start; j < end; j++) {
        const random = randomSource(seed, j);
        const label = random.below(classes);
        labels[j - start] = label;
        draw(images.subarray((j - start) * size, (j - start + 1) * size), label, random);
      }
      return { size: end - start, images, labels };
    },
  };
}

/** Exponentially distributed number ≥ 0. */
export function exponential(random: RandomSource, mean: number): number {
  return -mean * Math.log(1 - random.unit());
}

/** Uniform number between two limits. */
export function between(random: RandomSource, from: number, to: number): number {
  return from + (to - from) * random.unit();
}
