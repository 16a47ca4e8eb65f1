import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { collectQLayers, totalEbops } from './walk.ts';

/** Options of `traceMinMax`. */
export interface TraceOptions {
  /** Forget the ranges seen so far. Default true; false widens them, e.g. by a second data set. */
  readonly reset?: boolean;
  /** Images per forward pass. Default 1024. */
  readonly batchSize?: number;
}

/**
 * Sets the ranges (and signs) of all trainable WRAP quantizers to what `data` needs (hgq2 §5.8). Run it after training
 * and before evaluation or lowering: a value outside the range would wrap around.
 *
 * @param data the model's input(s), batch axis first
 * @returns total EBOPs with the new ranges
 * @throws if the inputs are empty or of different lengths, or a value does not fit into what its quantizer's `ic` allows.
 */
export function traceMinMax(
  model: tf.LayersModel,
  data: tf.Tensor | readonly tf.Tensor[],
  options: TraceOptions = {},
): number {
  const { reset = true, batchSize = 1024 } = options;
  const inputs = data instanceof tf.Tensor ? [data] : [...data];
  const size = inputs[0]?.shape[0] ?? 0;
  if (size === 0 || inputs.some((input) => input.shape[0] !== size)) {
    throw new LayerError(
      `traceMinMax: inputs have ${inputs.map((input) => input.shape[0]).join(', ')} samples; expected the same number ≥ 1.`,
      { option: 'data', value: inputs.map(({ shape }) => shape) },
    );
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new LayerError(`traceMinMax: batchSize = ${batchSize}; expected a whole number ≥ 1.`, {
      option: 'batchSize',
      value: batchSize,
    });
  }
  if (reset) {
    for (const layer of collectQLayers(model))
      for (const quantizer of layer.quantizers.values()) quantizer.resetRange();
  }
  for (let start = 0; start < size; start += batchSize) {
    const length = Math.min(batchSize, size - start);
    tf.tidy(() => {
      const batch = inputs.map((input) => tf.slice(input, start, length));
      model.apply(batch.length === 1 ? batch[0] : batch, { tracing: true });
    });
  }
  return totalEbops(model);
}
