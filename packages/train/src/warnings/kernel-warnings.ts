import type * as tf from '@tensorflow/tfjs';
import { quantizationTable } from '../ebops/quantization-table.ts';
import { type ModelWarning, percent } from './model-warning.ts';

/**
 * Layers whose quantised kernel is mostly zero. Before training that means that the initial format is too coarse for the initial weights;
 * zero weights get no useful gradient. In training it may be what you want: learned bits prune; then look for kernels that are all zero.
 *
 * @param share a kernel with more than this share of zeros counts. Default 0.5.
 */
export function kernelWarnings(model: tf.LayersModel, share = 0.5): readonly ModelWarning[] {
  return quantizationTable(model).flatMap(({ layer, role, zeros }) => {
    if (role !== 'weights' || zeros === undefined || !(zeros > share)) return [];
    const message =
      `Layer '${layer}': ${percent(zeros)} of the quantised kernel is 0. ` +
      'Give its kernel quantizer more fraction bits (kqConf), lower beta0, or initialise larger weights.';
    return [{ kind: 'zero-kernel', layer, share: zeros, message } satisfies ModelWarning];
  });
}
