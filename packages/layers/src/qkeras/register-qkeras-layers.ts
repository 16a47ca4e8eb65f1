import * as tf from '@tensorflow/tfjs';
import { QKerasActivationLayer } from './qkeras-activation.ts';
import { QKerasAdaptiveActivation } from './qkeras-adaptive-activation.ts';
import {
  QKerasConv1D,
  QKerasConv2D,
  QKerasDense,
  QKerasDepthwiseConv2D,
  QKerasSeparableConv1D,
  QKerasSeparableConv2D,
} from './qkeras-affine-layers.ts';
import { QKerasAveragePooling2D, QKerasGlobalAveragePooling2D } from './qkeras-average-pooling.ts';
import { QKerasBatchNormalization } from './qkeras-batch-normalization.ts';

/** Makes tfjs able to load saved models with QKeras layers. */
export function registerQKerasLayers(): void {
  for (const layerClass of [
    QKerasActivationLayer,
    QKerasAdaptiveActivation,
    QKerasAveragePooling2D,
    QKerasBatchNormalization,
    QKerasConv1D,
    QKerasConv2D,
    QKerasDense,
    QKerasDepthwiseConv2D,
    QKerasGlobalAveragePooling2D,
    QKerasSeparableConv1D,
    QKerasSeparableConv2D,
  ]) {
    tf.serialization.registerClass(layerClass as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>);
  }
}
