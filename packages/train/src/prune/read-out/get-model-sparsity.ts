import { allLayers } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { kernelWeight } from '../attributes/prunable-kernel.ts';

/** Shares of zeros. */
export interface ModelSparsity {
  /** Over all kernels; 0 without any. */
  readonly total: number;
  /** By layer with a kernel, in model order. */
  readonly perLayer: ReadonlyMap<string, number>;
}

/** Share of exact zeros in the kernels, before quantisation (upstream `get_model_sparsity`). */
export function getModelSparsity(model: tf.LayersModel): ModelSparsity {
  const perLayer = new Map<string, number>();
  let zeros = 0;
  let all = 0;
  for (const layer of builtLayers(model, 'getModelSparsity')) {
    const kernel = kernelWeight(layer)?.read();
    if (kernel === undefined) continue;
    const own = kernel.dataSync<'float32'>().filter((w) => w === 0).length;
    perLayer.set(layer.name, own / kernel.size);
    zeros += own;
    all += kernel.size;
  }
  return { total: all === 0 ? 0 : zeros / all, perLayer };
}

/** Index of the last layer with a kernel; the number of layers when there is none (upstream `get_last_layer_with_weights`). */
export function getLastLayerWithWeights(model: tf.LayersModel): number {
  const layers = builtLayers(model, 'getLastLayerWithWeights');
  const last = layers.findLastIndex((layer) => kernelWeight(layer) !== undefined);
  return last < 0 ? layers.length : last;
}

function builtLayers(model: tf.LayersModel, where: string): readonly tf.layers.Layer[] {
  checkModel(model, where);
  if (model instanceof tf.Sequential && !model.built) model.build();
  return allLayers(model);
}
