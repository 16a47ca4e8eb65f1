import { setVariable } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';
import { inTidy } from '../in-tidy.ts';
import { prunableKernel } from './prunable-kernel.ts';

/** Layers that quantise their weights, QKeras'. */
interface Quantising {
  quantised(weight: 'kernel'): tf.Tensor;
}

/**
 * Whether a weight of 0 is 0 for inference: it is not with quantizers that know no 0, such as QKeras' `binary`, `quantized_po2`, and `quantized_bits` of one
 * bit. Asked of the quantizer itself, with half of the weights at 0, as scales may follow the weights.
 */
export function zeroStaysZero(layer: tf.layers.Layer): boolean {
  const kernel = prunableKernel(layer);
  if (kernel === null || !('quantised' in layer) || typeof layer.quantised !== 'function') return true;
  const { variable } = kernel;
  const before = variable.dataSync<'float32'>().slice();
  try {
    setVariable(
      variable,
      before.map((w, j) => (j % 2 === 0 ? 0 : w === 0 ? 1 : w)),
    );
    const values = inTidy(() => (layer as unknown as Quantising).quantised('kernel').dataSync<'float32'>().slice());
    return values.every((value, j) => j % 2 === 1 || value === 0);
  } finally {
    setVariable(variable, before);
  }
}

/** @throws OptionError for a layer whose weights cannot be 0 */
export function requireZeros(layer: tf.layers.Layer, where: string): void {
  if (zeroStaysZero(layer)) return;
  throw new OptionError(
    `${where}: weights of layer '${layer.name}' (${layer.getClassName()}) cannot be 0: its quantizer has no such value, so nothing can be removed there; share its weights, leave the layer out (except), or use a quantizer with a 0, such as ternary or quantized_bits of 2 bits`,
  );
}
