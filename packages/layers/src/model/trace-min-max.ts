import { unknownOption } from '@sp/quant/suggest';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { watchRanges } from './cover-range.ts';
import { collectQLayers, totalEbops } from './walk.ts';

/** Options of `traceMinMax`. */
export interface TraceMinMaxOptions {
  /** Forget the ranges seen so far. Default true; false widens them, e.g. by a second data set. */
  readonly reset?: boolean;
  /** Images per forward pass. Default 1024. */
  readonly batchSize?: number;
  /**
   * Range to cover, relative to the one seen, about its centre: 1.2 leaves a margin for values that `data` do not show.
   * Default 1. Below 1 outliers overflow.
   */
  readonly coverFactor?: number;
}

/** Images one after the other, as in a data set of `@sp/train`. */
export interface ImageArray {
  readonly images: Float32Array;
  /** Of one image. */
  readonly shape: readonly number[];
}

/** What of it a pass computes on: the model's inputs, batch axis first. */
type Slice = (start: number, size: number) => readonly tf.Tensor[];

/**
 * Sets the ranges and signs of all trainable WRAP quantizers to what `data` needs (hgq2 §5.8), with a margin by
 * `coverFactor` (hgq1 §3.1): per format, the range `[min, max]` of quantised values becomes `centre ± coverFactor ·
 * half-width`, rounded to the format's grid. A range without negative values stays so; weights get no margin. Run it
 * after training and before evaluation or lowering: a value outside the range would wrap around.
 *
 * @param data the model's input(s), batch axis first, or images in one array, e.g. a data set of `@sp/train`.
 * @returns total EBOPs with the new ranges
 * @throws LayerError if the inputs are empty or of different lengths, a value does not fit into what its quantizer's `ic`
 * allows, for unknown options, a factor that is not positive, or one below 1 without `reset`, which could not narrow
 * older ranges.
 * @example
 * traceMinMax(model, train, { coverFactor: 1.25 });
 */
export function traceMinMax(
  model: tf.LayersModel,
  data: tf.Tensor | readonly tf.Tensor[] | ImageArray,
  options: TraceMinMaxOptions = {},
): number {
  const { reset, batchSize, coverFactor } = checkTraceOptions(options, 'traceMinMax');
  const { size, slice } = samplesOf(data);
  const watched = coverFactor === 1 ? undefined : watchRanges(model);
  try {
    if (reset) resetRanges(model);
    for (let start = 0; start < size; start += batchSize) {
      const length = Math.min(batchSize, size - start);
      tf.tidy(() => {
        const batch = slice(start, length);
        model.apply(batch.length === 1 ? batch[0] : [...batch], { tracing: true });
      });
    }
    watched?.cover(coverFactor);
  } finally {
    watched?.end();
  }
  return totalEbops(model);
}

/** The options with their defaults. @throws LayerError */
export function checkTraceOptions(options: TraceMinMaxOptions, where: string): Required<TraceMinMaxOptions> {
  const strange = unknownOption(options, ['reset', 'batchSize', 'coverFactor']);
  if (strange !== undefined) throw new LayerError(`${where}: ${strange.complaint}.`, strange);
  const { reset = true, batchSize = 1024, coverFactor = 1 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new LayerError(`${where}: batchSize = ${batchSize}; expected a whole number ≥ 1.`, {
      option: 'batchSize',
      value: batchSize,
    });
  }
  if (!(coverFactor > 0 && Number.isFinite(coverFactor))) {
    throw new LayerError(`${where}: coverFactor ${coverFactor} is not a positive number`, {
      option: 'coverFactor',
      value: coverFactor,
    });
  }
  if (coverFactor < 1 && !reset) {
    throw new LayerError(`${where}: coverFactor ${coverFactor} narrows ranges, which needs reset: true`, {
      option: 'coverFactor',
      value: coverFactor,
    });
  }
  return { reset, batchSize, coverFactor };
}

/** Forgets all ranges of data. */
function resetRanges(model: tf.LayersModel): void {
  for (const layer of collectQLayers(model)) for (const quantizer of layer.quantizers.values()) quantizer.resetRange();
}

function samplesOf(data: tf.Tensor | readonly tf.Tensor[] | ImageArray): { size: number; slice: Slice } {
  if ('images' in data) return imagesOf(data);
  const inputs = data instanceof tf.Tensor ? [data] : [...data];
  const size = inputs[0]?.shape[0] ?? 0;
  if (size === 0 || inputs.some((input) => input.shape[0] !== size)) {
    throw new LayerError(
      `traceMinMax: inputs have ${inputs.map((input) => input.shape[0]).join(', ')} samples; expected the same number ≥ 1.`,
      { option: 'data', value: inputs.map(({ shape }) => shape) },
    );
  }
  return { size, slice: (start, length) => inputs.map((input) => tf.slice(input, start, length)) };
}

function imagesOf({ images, shape }: ImageArray): { size: number; slice: Slice } {
  const pixels = shape.reduce((product, extent) => product * extent, 1);
  const size = images.length / pixels;
  if (!Number.isInteger(size) || size < 1) {
    throw new LayerError(
      `traceMinMax: images hold ${images.length} numbers; expected a multiple of ${shape.join(' × ')} = ${pixels}, one image at least.`,
      { option: 'data', value: images.length },
    );
  }
  const slice: Slice = (start, length) => [
    tf.tensor(images.subarray(start * pixels, (start + length) * pixels), [length, ...shape], 'float32'),
  ];
  return { size, slice };
}
