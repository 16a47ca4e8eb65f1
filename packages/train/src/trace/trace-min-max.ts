import { totalEbops, traceMinMax as traceRanges } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { type Batch, batches } from '../data/batches.ts';
import type { Dataset, ImageShape } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { streamBatches } from '../stream/stream-batches.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
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
 * @throws OptionError for unknown options, a factor that is not positive, or one below 1 without `reset`, which could not narrow older ranges.
 * @example
 * traceMinMax(model, train, { coverFactor: 1.25 });
 */
export function traceMinMax(
  model: tf.LayersModel,
  data: tf.Tensor | readonly tf.Tensor[] | Dataset,
  options: TraceMinMaxOptions = {},
): number {
  const settings = checkTraceOptions(options, 'traceMinMax');
  const watched = settings.coverFactor === 1 ? undefined : watchRanges(model);
  try {
    trace(model, data, settings.reset, settings.batchSize);
    watched?.cover(settings.coverFactor);
  } finally {
    watched?.end();
  }
  return totalEbops(model);
}

/**
 * `traceMinMax` on a data set that is read or made piece by piece.
 *
 * @throws as `traceMinMax`, and what reading throws.
 */
export async function traceMinMaxStream(
  model: tf.LayersModel,
  data: StreamingDataset,
  options: TraceMinMaxOptions = {},
): Promise<number> {
  const { reset, batchSize, coverFactor } = checkTraceOptions(options, 'traceMinMaxStream');
  const watched = coverFactor === 1 ? undefined : watchRanges(model);
  try {
    let first = true;
    for await (const batch of streamBatches(data, batchSize)) {
      traceBatch(model, batch, data.shape, reset && first);
      first = false;
    }
    watched?.cover(coverFactor);
  } finally {
    watched?.end();
  }
  return totalEbops(model);
}

/** The options with their defaults. @throws OptionError */
export function checkTraceOptions(options: TraceMinMaxOptions, where: string): Required<TraceMinMaxOptions> {
  checkOptionNames(options, ['reset', 'batchSize', 'coverFactor'], where);
  const { reset = true, batchSize = 1024, coverFactor = 1 } = options;
  if (!(coverFactor > 0 && Number.isFinite(coverFactor))) {
    throw new OptionError(`${where}: coverFactor ${coverFactor} is not a positive number`);
  }
  if (coverFactor < 1 && !reset) {
    throw new OptionError(`${where}: coverFactor ${coverFactor} narrows ranges, which needs reset: true`);
  }
  return { reset, batchSize, coverFactor };
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
  for (const batch of batches(data, batchSize)) {
    traceBatch(model, batch, data.shape, reset && first);
    first = false;
  }
}

function traceBatch(model: tf.LayersModel, { size, images }: Batch, shape: ImageShape, reset: boolean): void {
  const tensor = tf.tensor(images, [size, ...shape], 'float32');
  try {
    traceRanges(model, tensor, { reset, batchSize: size });
  } finally {
    tensor.dispose();
  }
}
