import { type Dataset, pixelsPerImage } from '../data/dataset.ts';

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
 * @throws RangeError for a range that is empty or runs backwards.
 */
export function activePixelsVsThreshold(dataset: Dataset, range: ThresholdRange = {}): readonly ActivePixels[] {
  const sorted = activeValues(dataset);
  return thresholds(sorted, range).map((threshold) => {
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

/** Per image: the values of channel 0 in ascending order. */
function activeValues({ images, shape, labels }: Dataset): readonly Float32Array[] {
  const pixels = pixelsPerImage(shape);
  return Array.from(labels, (_, j) =>
    Float32Array.from({ length: shape[0] * shape[1] }, (_, p) => images[j * pixels + p * shape[2]]).sort(),
  );
}

function thresholds(
  sorted: readonly Float32Array[],
  { thresholds: given, count = 50, from = 0, to }: ThresholdRange,
): readonly number[] {
  if (given !== undefined) return given;
  const end = to ?? sorted.reduce((largest, values) => Math.max(largest, values[values.length - 1]), 0);
  if (!Number.isInteger(count) || count < 2)
    throw new RangeError(`activePixelsVsThreshold: count ${count} is not a whole number ≥ 2`);
  if (!(end >= from)) throw new RangeError(`activePixelsVsThreshold: the range from ${from} to ${end} runs backwards`);
  return Array.from({ length: count }, (_, j) => from + ((end - from) * j) / (count - 1));
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
