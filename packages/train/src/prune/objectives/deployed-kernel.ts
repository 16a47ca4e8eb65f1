import { QLayer } from '@sp/layers';
import { allLayers } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { inTidy } from '../in-tidy.ts';

/**
 * The kernel that inference uses, quantised and with a normalisation that is folded in, as whole numbers and a common power of two; null for layers
 * whose kernels are not quantised. `[inputs, outputs]`, inputs being window positions times channels.
 */
export interface DeployedKernel {
  readonly codes: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
}

/** Layers of a model by name, nested ones included. */
export function layersByName(model: tf.LayersModel): ReadonlyMap<string, tf.layers.Layer> {
  return new Map(allLayers(model).map((layer) => [layer.name, layer]));
}

/** @param layer built, of any kind */
export function deployedKernel(layer: tf.layers.Layer): DeployedKernel | null {
  const kernel = prunableKernel(layer);
  if (kernel === null) return null;
  const values = inTidy(() => quantised(layer, kernel.variable)?.dataSync<'float32'>().slice() ?? null);
  if (values === null) return null;
  const codes = asCodes(values);
  if (codes === null) return null;
  const outputs = kernel.variable.shape[kernel.variable.rank - 1];
  return { codes, inputs: codes.length / outputs, outputs };
}

function quantised(layer: tf.layers.Layer, raw: tf.Variable): tf.Tensor | null {
  if (layer instanceof QLayer) {
    const kq = layer.quantizers.get('kq');
    if (kq === undefined) return null;
    const folds = layer as unknown as { readonly deployedWeights?: () => { readonly kernel: tf.Tensor } };
    return kq.call(folds.deployedWeights?.().kernel ?? raw, 'inference');
  }
  const others = layer as unknown as {
    /** QKeras. */
    readonly quantised?: (weight: 'kernel') => tf.Tensor;
    /** HGQ v1. */
    readonly deployed?: () => { readonly kernel: tf.Tensor };
  };
  return others.quantised?.('kernel') ?? others.deployed?.().kernel ?? null;
}

/** Numbers times the smallest power of two that makes all of them whole; null where that would need more than 53 bits. */
function asCodes(values: Float32Array): number[] | null {
  let shift = 0;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!Number.isFinite(largest)) return null;
  const isWhole = (): boolean => values.every((value) => Number.isInteger(value * 2 ** shift));
  while (!isWhole()) {
    shift++;
    if (largest * 2 ** shift > Number.MAX_SAFE_INTEGER) return null;
  }
  return Array.from(values, (value) => value * 2 ** shift + 0);
}
