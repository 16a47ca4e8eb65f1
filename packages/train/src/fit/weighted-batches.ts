import { type Batch, batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { readChecked } from '../stream/read-checked.ts';
import { type StreamShuffle, streamBatches } from '../stream/stream-batches.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { type ImageWeights, noWeight, weightList } from './image-weights.ts';

/** A batch with the weights of its images; undefined: all 1. */
export interface WeightedBatch extends Batch {
  readonly weights: Float32Array | undefined;
}

/** Images in memory in the given order, with their weights. */
export function* weightedBatches(
  data: Dataset,
  batchSize: number,
  order: Int32Array,
  weights: ImageWeights | undefined,
): Generator<WeightedBatch> {
  const all = weightList(weights, data.labels);
  let from = 0;
  for (const batch of batches(data, batchSize, order)) {
    const own =
      all === undefined ? undefined : Float32Array.from(order.subarray(from, from + batch.size), (j) => all[j]);
    yield { ...batch, weights: own };
    from += batch.size;
  }
}

/**
 * A stream's images, mixed or in order, with their weights.
 *
 * @throws OptionError at its end if all of them were 0.
 */
export async function* weightedStream(
  data: StreamingDataset,
  batchSize: number,
  weights: ImageWeights | undefined,
  shuffle?: StreamShuffle,
): AsyncGenerator<WeightedBatch> {
  let counts = weights === undefined;
  const classes = new Set<number>();
  for await (const batch of withWeights(data, batchSize, weights, shuffle)) {
    counts ||= batch.weights?.some((weight) => weight > 0) === true;
    if (!counts) for (const label of batch.labels) classes.add(label);
    yield batch;
  }
  if (!counts) throw noWeight(classes, data.name);
}

async function* withWeights(
  data: StreamingDataset,
  batchSize: number,
  weights: ImageWeights | undefined,
  shuffle?: StreamShuffle,
): AsyncGenerator<WeightedBatch> {
  if (weights?.bySample !== true) {
    for await (const batch of streamBatches(data, batchSize, shuffle)) {
      yield { ...batch, weights: weightList(weights, batch.labels) };
    }
    return;
  }
  // Mixing knows images and labels only: it is given places instead of labels, by which both are found afterwards.
  const labels = new Int32Array(data.length);
  const places: StreamingDataset = {
    ...data,
    classes: Math.max(2, data.length),
    async read(start, end) {
      const batch = await readChecked(data, start, end);
      labels.set(batch.labels, start);
      return { ...batch, labels: Int32Array.from({ length: batch.size }, (_, j) => start + j) };
    },
  };
  for await (const { size, images, labels: at } of streamBatches(places, batchSize, shuffle)) {
    const own = Int32Array.from(at.subarray(0, size), (j) => labels[j]);
    const weightsOfBatch = Float32Array.from(own, (label, j) => weights.of(at[j], label));
    yield { size, images, labels: own, weights: weightsOfBatch };
  }
}
