import { type Dataset, pixelsPerImage } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';

/** How many pixels per image exceed one threshold. */
export interface ActivePixels {
  readonly threshold: number;
  readonly mean: number;
  readonly min: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly max: number;
}

/** Which thresholds to look at: a list, or `count` of them evenly spread over `[from, to]`. */
export interface ThresholdRange {
  readonly thresholds?: readonly number[];
  /** Default 50. */
  readonly count?: number;
  /** Default 0. */
  readonly from?: number;
  /** Default the largest value of channel 0. */
  readonly to?: number;
}

/**
 * Counts the pixels whose channel 0 is above a threshold, for several thresholds, over all images: the curve from which to choose the pixel
 * budget `n` and the threshold (sparsepixels §4, 10). Percentiles are interpolated linearly.
 *
 * @throws OptionError for unknown options, and for a range that is empty or runs backwards.
 */
export function activePixelsVsThreshold(dataset: Dataset, range: ThresholdRange = {}): readonly ActivePixels[] {
  checkOptionNames(range, ['thresholds', 'count', 'from', 'to'], 'activePixelsVsThreshold');
  const levels = thresholds(dataset, range);
  const sorted = valuesAbove(dataset, Math.min(...levels));
  return levels.map((threshold) => {
    const counts = Float64Array.from(sorted, (values) => values.length - upperBound(values, threshold)).sort();
    return {
      threshold,
      mean: counts.reduce((sum, count) => sum + count, 0) / counts.length,
      min: counts[0],
      p25: percentile(counts, 0.25),
      p50: percentile(counts, 0.5),
      p75: percentile(counts, 0.75),
      max: counts[counts.length - 1],
    };
  });
}

/** Per image: the values of channel 0 above `least`, in ascending order. Sparse images leave few. */
function valuesAbove({ images, shape, labels }: Dataset, least: number): readonly Float32Array[] {
  const pixels = pixelsPerImage(shape);
  return Array.from(labels, (_, j) => {
    const values: number[] = [];
    for (let p = j * pixels; p < (j + 1) * pixels; p += shape[2]) if (images[p] > least) values.push(images[p]);
    return Float32Array.from(values).sort();
  });
}

function thresholds(
  dataset: Dataset,
  { thresholds: given, count = 50, from = 0, to }: ThresholdRange,
): readonly number[] {
  if (given !== undefined) return given;
  const end = to ?? brightest(dataset);
  if (!Number.isInteger(count) || count < 2) {
    throw new OptionError(`activePixelsVsThreshold: count ${count} is not a whole number ≥ 2`);
  }
  if (!(end >= from)) throw new OptionError(`activePixelsVsThreshold: the range from ${from} to ${end} runs backwards`);
  return Array.from({ length: count }, (_, j) => from + ((end - from) * j) / (count - 1));
}

function brightest({ images, shape }: Dataset): number {
  let largest = 0;
  for (let p = 0; p < images.length; p += shape[2]) if (images[p] > largest) largest = images[p];
  return largest;
}

/** Number of `values` (ascending) that are ≤ `limit`. */
function upperBound(values: Float32Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}
