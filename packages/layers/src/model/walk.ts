import * as tf from '@tensorflow/tfjs';
import { InputReduce } from '../layers/input-reduce.ts';
import { QLayer } from '../layers/q-layer.ts';

/** All layers of a model, those of nested models in place of the models, in model order. */
export function allLayers(model: tf.LayersModel): readonly tf.layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof tf.LayersModel ? allLayers(layer) : [layer]));
}

/** The quantised layers of a model, nested models included, in model order. */
export function collectQLayers(model: tf.LayersModel): readonly QLayer[] {
  return allLayers(model).filter((layer): layer is QLayer => layer instanceof QLayer);
}

/** The input reductions of a model, in model order. */
export function collectInputReduces(model: tf.LayersModel): readonly InputReduce[] {
  return allLayers(model).filter((layer): layer is InputReduce => layer instanceof InputReduce);
}

/** Sum of all layers' EBOPs at the current bit widths. */
export function totalEbops(model: tf.LayersModel): number {
  return collectQLayers(model).reduce((sum, layer) => sum + layer.ebops, 0);
}
