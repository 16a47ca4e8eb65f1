import { collectInputReduces, QConv2DSparse } from '@sp/layers';
import { allLayers } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../option-error.ts';

/**
 * Sets the EBOPs factor of every sparse convolution to `min(1, n/(H·W))`, with `n` the present pixel budget and `H·W` the
 * size of the layer's input (sparsepixels §4, 10): only active pixels are computed.
 *
 * @returns `n`, or undefined for a model without input reduction, whose factors are left alone.
 * @throws if the model reduces more than one input: it is not clear which budget counts where.
 */
export function setSparseEbopsFactor(model: tf.LayersModel): number | undefined {
  const reduces = collectInputReduces(model);
  if (reduces.length === 0) return undefined;
  if (reduces.length > 1) {
    throw new OptionError(
      `setSparseEbopsFactor: the model has ${reduces.length} input reductions (${reduces.map(({ name }) => `'${name}'`).join(', ')}); ` +
        "set each layer's ebopsFactor yourself.",
    );
  }
  const n = reduces[0].nMaxPixels;
  for (const layer of allLayers(model)) {
    if (!(layer instanceof QConv2DSparse)) continue;
    const [, height, width] = layer.inboundNodes[0].inputTensors[0].shape;
    layer.ebopsFactor = Math.min(1, n / ((height ?? 1) * (width ?? 1)));
  }
  return n;
}
