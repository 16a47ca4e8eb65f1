import { allLayers, setVariable } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';
import { prunableKernel } from '../attributes/prunable-kernel.ts';
import { requireZeros } from '../attributes/zero-weights.ts';
import type { ModelMasks } from './get-model-masks.ts';

/**
 * Sets the kernels to `w · mask + offset`.
 *
 * @throws OptionError for layers that the model lacks, masks of another size, and zeros where weights cannot be 0
 */
export function applyMasks(model: tf.LayersModel, { masks, offsets }: Pick<ModelMasks, 'masks' | 'offsets'>): void {
  const layers = new Map(allLayers(model).map((layer) => [layer.name, layer]));
  for (const [name, mask] of masks) {
    const layer = layers.get(name);
    const kernel = layer === undefined ? null : prunableKernel(layer);
    if (kernel === null) throw new OptionError(`applyMasks: the model has no layer '${name}' with a kernel`);
    const { variable } = kernel;
    if (mask.length !== variable.size) {
      throw new OptionError(
        `applyMasks: the mask of '${name}' has ${mask.length} numbers for ${variable.size} weights`,
      );
    }
    if (mask.some((bit, j) => bit === 0 && (offsets.get(name)?.[j] ?? 0) === 0)) {
      requireZeros(layer as tf.layers.Layer, 'applyMasks');
    }
    setVariable(variable, masked(variable.dataSync<'float32'>(), mask, offsets.get(name)));
  }
}

/** `w · mask + offset`; what is masked is the offset exactly, also of weights that are no numbers. */
export function masked(
  weights: ArrayLike<number>,
  mask: ArrayLike<number>,
  offset: ArrayLike<number> | undefined,
): Float32Array {
  return Float32Array.from(weights, (w, j) => (mask[j] === 0 ? (offset?.[j] ?? 0) : w));
}
