import { totalEbops, traceMinMax as traceRanges } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { watchRanges } from './cover-range.ts';

/** Options of `traceMinMax`. */
export interface TraceMinMaxOptions {
  /** Forget the ranges seen so far. Default true; false widens them, e.g. by a second data set. */
  readonly reset?: boolean;
  /** Images per forward pass. Default 1024. */
  readonly batchSize?: number;
  /**
   * Range to cover, relative to the one seen, about its centre: 1.2 leaves a margin for values that `data` do not show. Default 1. Below 1
   * outliers overflow.
   */
  readonly coverFactor?: number;
}

/**
 * Sets the ranges and signs of all trainable WRAP quantizers to what `data` needs (hgq2 §5.8), with a margin by `coverFactor` (hgq1 §3.1): per
 * format, the range `[min, max]` of quantised values becomes `centre ± coverFactor · half-width`, rounded to the format's grid. A range without
 * negative values stays so. Weights get no margin.
 *
 * @param data the model's input tensor(s), batch axis first, or a data set.
 * @returns total EBOPs with the new ranges.
 * @throws RangeError for a factor that is not positive, or one below 1 without `reset`, which could not narrow older ranges.
 * @example
 * traceMinMax(model, train, { coverFactor: 1.25 });
 */
export function traceMinMax(
  model: tf.LayersModel,
  data: tf.Tensor | readonly tf.Tensor[] | Dataset,
  options: TraceMinMaxOptions = {},
): number {
  const { reset = true, batchSize = 1024, coverFactor = 1 } = options;
  if (!(coverFactor > 0 && Number.isFinite(coverFactor))) {
    throw new RangeError(`traceMinMax: coverFactor ${coverFactor} is not a positive number`);
  }
  if (coverFactor < 1 && !reset) {
    throw new RangeError(`traceMinMax: coverFactor ${coverFactor} narrows ranges, which needs reset: true`);
  }
  if (coverFactor === 1) {
    trace(model, data, reset, batchSize);
    return totalEbops(model);
  }
  const watched = watchRanges(model);
  try {
    trace(model, data, reset, batchSize);
    watched.cover(coverFactor);
  } finally {
    watched.end();
  }
  return totalEbops(model);
}

function trace(
  model: tf.LayersModel,
  data: tf.Tensor | readonly tf.Tensor[] | Dataset,
  reset: boolean,
  batchSize: number,
): void {
  if (data instanceof tf.Tensor || !('labels' in data)) {
    traceRanges(model, data, { reset, batchSize });
    return;
  }
  let first = true;
  for (const { size, images } of batches(data, batchSize)) {
    const tensor = tf.tensor(images, [size, ...data.shape], 'float32');
    try {
      traceRanges(model, tensor, { reset: reset && first, batchSize });
    } finally {
      tensor.dispose();
    }
    first = false;
  }
}
