import * as tf from '@tensorflow/tfjs';
import { arithmeticLayers } from './arithmetic-layers.ts';
import { convLayers } from './conv-layers.ts';
import { GlobalAveragePooling2DSparse, GlobalMaxPooling2DSparse } from './global-pooling2d-sparse.ts';
import { InputReduce } from './input-reduce.ts';
import { plainLayers } from './plain-layers.ts';
import { AveragePooling2DSparse, MaxPooling2DSparse } from './pooling2d-sparse.ts';
import { QConv2DSparse } from './q-conv2d-sparse.ts';
import { QDense } from './q-dense.ts';
import { QuantizerLayer } from './quantizer-layer.ts';
import { RemoveDilatedPixels } from './remove-dilated-pixels.ts';
import { SparseFlatten } from './sparse-flatten.ts';

const layerClasses = [
  ...arithmeticLayers,
  ...convLayers,
  ...plainLayers,
  AveragePooling2DSparse,
  GlobalAveragePooling2DSparse,
  GlobalMaxPooling2DSparse,
  InputReduce,
  MaxPooling2DSparse,
  QConv2DSparse,
  QDense,
  QuantizerLayer,
  RemoveDilatedPixels,
  SparseFlatten,
];

let registered = false;

/** Makes tfjs able to load models with our layers. Idempotent; call it before `tf.loadLayersModel`. */
export function registerLayers(): void {
  if (registered) return;
  registered = true;
  for (const layerClass of layerClasses) {
    tf.serialization.registerClass(layerClass as tf.serialization.SerializableConstructor<tf.layers.Layer>);
  }
}
