import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { allLayers } from '../model/walk.ts';
import { HKernelLayer } from './h-kernel-layer.ts';
import { HLayer } from './h-layer.ts';
import { HActivation } from './h-simple-layers.ts';

/** Options of `hTraceMinMax`. */
export interface HTraceOptions {
  /** Forget the ranges seen so far. Default true. */
  readonly reset?: boolean;
  /** Rows per pass. Default 16384. */
  readonly batchSize?: number;
  /** Widens the ranges about their centres; below 1 values overflow. Default 1. */
  readonly coverFactor?: number;
  /** Called for each layer with its BOPs. */
  readonly report?: (layer: string, bops: number) => void;
  /** Called for things to worry about. */
  readonly warn?: (message: string) => void;
}

/** The H-layers of a model, nested models included, in model order. */
export function hLayers(model: tf.LayersModel): readonly HLayer[] {
  return allLayers(model).filter((layer): layer is HLayer => layer instanceof HLayer);
}

/**
 * The convolutions' parallel factors as options of the firmware, by layer (HGQ v1 hands them to hls4ml itself): how many
 * pixels are computed at once.
 *
 * @example
 * emit(plan(toProxyModel(model), { layerName: hParallelFactors(model) }));
 */
export function hParallelFactors(
  model: tf.LayersModel,
): Readonly<Record<string, { readonly parallelizationFactor: number }>> {
  const convolutions = hLayers(model).flatMap((layer) =>
    layer instanceof HKernelLayer && layer.isConv ? [[layer.name, layer.parallelFactor ?? 1] as const] : [],
  );
  return Object.fromEntries(convolutions.map(([name, factor]) => [name, { parallelizationFactor: factor }]));
}

/**
 * HGQ v1's `trace_minmax`: runs inference on data to find the ranges of all quantizers, and counts exact BOPs
 * (hgq1 §3.1). Also of nested models, which upstream forgets.
 *
 * @returns total BOPs
 * @throws LayerError for a cover factor that is not positive, or without data
 */
export function hTraceMinMax(
  model: tf.LayersModel,
  data: tf.Tensor | readonly tf.Tensor[],
  options: HTraceOptions = {},
): number {
  const { reset = true, batchSize = 16384, coverFactor = 1, report, warn } = options;
  const inputs = data instanceof tf.Tensor ? [data] : [...data];
  const rows = inputs[0]?.shape[0] ?? 0;
  if (rows === 0 || inputs.some(({ shape }) => shape[0] !== rows)) {
    throw new LayerError(
      'hTraceMinMax: the inputs are empty or of different lengths. Give the same number of rows for each.',
    );
  }
  if (!(coverFactor > 0)) {
    throw new LayerError(`hTraceMinMax: coverFactor = ${coverFactor}; expected a number > 0.`, {
      option: 'coverFactor',
      value: coverFactor,
    });
  }
  if (coverFactor < 1)
    warn?.(`coverFactor = ${coverFactor}: the ranges are narrower than the data, which will overflow.`);
  const layers = hLayers(model);
  if (reset) for (const { paq } of layers) paq.resetRange();
  for (let start = 0; start < rows; start += batchSize) {
    tf.tidy(() => {
      const batch = inputs.map((input) => tf.slice(input, start, Math.min(batchSize, rows - start)));
      model.apply(batch.length === 1 ? batch[0] : batch, { tracing: true });
    });
  }
  for (const layer of layers) {
    if (coverFactor !== 1) cover(layer, coverFactor);
    if (layer instanceof HActivation) clamp(layer);
  }
  return layers.reduce((total, layer) => {
    layer.bops = tf.tidy(() => layer.countBops(true).dataSync()[0]);
    report?.(layer.name, layer.bops);
    return total + layer.bops;
  }, 0);
}

/** The range about its centre, put back on the grid. */
function cover({ paq }: HLayer, factor: number): void {
  const { min, max } = paq.range;
  const end = (side: number): Float64Array => {
    const ends = Float32Array.from(min, (value, j) => {
      const [centre, half] = [(value + max[j]) / 2, (max[j] - value) / 2];
      return centre + side * half * factor;
    });
    const quantised = tf.tidy(() => paq.call(tf.tensor(ends, [...paq.shape], 'float32'), 'inference'));
    const values = Float64Array.from(quantised.dataSync<'float32'>());
    quantised.dispose();
    return values;
  };
  paq.setRange(end(-1), end(1));
}

/** Functions whose range is known. */
function clamp({ activation, paq }: HActivation): void {
  const { min, max } = paq.range;
  if (activation === 'softmax')
    paq.setRange(
      min.map(() => 0),
      max.map(() => 1),
    );
  const low = activation === 'tanh' ? -1 : 0;
  if (activation !== 'sigmoid' && activation !== 'tanh') return;
  const within = (value: number): number => Math.min(1, Math.max(low, value));
  paq.setRange(min.map(within), max.map(within));
}
