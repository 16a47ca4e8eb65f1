import * as tf from '@tensorflow/tfjs';
import { HConv1D, HConv1DBatchNorm, HConv2D, HConv2DBatchNorm, HDense, HDenseBatchNorm } from './h-kernel-layers.ts';
import { HActivation, HAdd, HQuantize } from './h-simple-layers.ts';
import { Signature } from './signature.ts';

/** Makes tfjs able to load saved models with HGQ v1 layers. */
export function registerHgq1Layers(): void {
  for (const layerClass of [
    HActivation,
    HAdd,
    HConv1D,
    HConv1DBatchNorm,
    HConv2D,
    HConv2DBatchNorm,
    HDense,
    HDenseBatchNorm,
    HQuantize,
    Signature,
  ]) {
    tf.serialization.registerClass(layerClass as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>);
  }
}
