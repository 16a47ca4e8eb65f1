import { totalEbops, traceMinMax } from '@sp/layers';
import { checkTraceOptions, type TraceMinMaxOptions, watchRanges } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { streamBatches } from '../stream/stream-batches.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';

/**
 * `traceMinMax` on a data set that is read or made piece by piece.
 *
 * @throws LayerError (of `@sp/layers`) as `traceMinMax`, and what reading throws.
 */
export async function traceMinMaxStream(
  model: tf.LayersModel,
  data: StreamingDataset,
  options: TraceMinMaxOptions = {},
): Promise<number> {
  const { reset, batchSize, coverFactor } = checkTraceOptions(options, 'traceMinMaxStream');
  // The margin goes about the range of all batches together, not of each.
  const watched = coverFactor === 1 ? undefined : watchRanges(model);
  try {
    let first = true;
    for await (const { images, size } of streamBatches(data, batchSize)) {
      traceMinMax(model, { images, shape: data.shape }, { reset: reset && first, batchSize: size });
      first = false;
    }
    watched?.cover(coverFactor);
  } finally {
    watched?.end();
  }
  return totalEbops(model);
}
