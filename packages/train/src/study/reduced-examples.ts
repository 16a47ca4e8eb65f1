import { type Dataset, pixelsPerImage } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';

/** A pixel above the threshold. */
export interface ActivePixel {
  readonly row: number;
  readonly col: number;
  /** Value of channel 0. */
  readonly value: number;
}

/** What the input reduction does to one image. */
export interface ReducedExample {
  /** Index of the image in the data set. */
  readonly index: number;
  readonly label: number;
  readonly height: number;
  readonly width: number;
  /** Channel 0 of the whole image, row-major. */
  readonly pixels: readonly number[];
  /** Pixels that enter the network, first come first (raster order): at most `n`. */
  readonly kept: readonly ActivePixel[];
  /** Pixels above the threshold that found no slot. */
  readonly dropped: readonly ActivePixel[];
}

/** The pixel budget, the threshold, and which images to reduce. */
export interface ReductionOptions {
  /** Pixel budget: slots of the sparse list. */
  readonly n: number;
  /** A pixel is active if its channel 0 is strictly above this. */
  readonly threshold: number;
  /** Images to reduce. Default the first of each class. */
  readonly indices?: readonly number[];
}

/**
 * Applies the input reduction (the first `n` pixels above the threshold in raster order, sparsepixels §1.1) to some images, for looking at.
 *
 * @throws OptionError for unknown options, a budget below 1 or an index outside the data set.
 */
export function reducedExamples(dataset: Dataset, options: ReductionOptions): readonly ReducedExample[] {
  checkOptionNames(options, ['n', 'threshold', 'indices'], 'reducedExamples');
  const { n, threshold, indices = firstOfEachClass(dataset) } = options;
  if (!Number.isInteger(n) || n < 1) throw new OptionError(`reducedExamples: n ${n} is not a whole number ≥ 1`);
  const [height, width, channels] = dataset.shape;
  return indices.map((index) => {
    if (!(Number.isInteger(index) && index >= 0 && index < dataset.labels.length)) {
      throw new OptionError(`reducedExamples: there is no image ${index} among ${dataset.labels.length}`);
    }
    const start = index * pixelsPerImage(dataset.shape);
    const pixels = Array.from({ length: height * width }, (_, p) => dataset.images[start + p * channels]);
    const active = pixels
      .map((value, p) => ({ row: Math.floor(p / width), col: p % width, value }))
      .filter(({ value }) => value > threshold);
    return {
      index,
      label: dataset.labels[index],
      height,
      width,
      pixels,
      kept: active.slice(0, n),
      dropped: active.slice(n),
    };
  });
}

function firstOfEachClass({ labels, classes }: Dataset): readonly number[] {
  return Array.from({ length: classes }, (_, label) => labels.indexOf(label)).filter((index) => index >= 0);
}
