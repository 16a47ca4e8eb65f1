import type * as tf from '@tensorflow/tfjs';
import type { KernelKind } from './structure.ts';

/** The kernel of a layer that can be pruned. */
export interface PrunableKernel {
  readonly kind: KernelKind;
  readonly variable: tf.Variable;
}

/** Layers with a kernel of which groups can be removed, by class: stock, ours, sparse, QKeras' and HGQ v1's. */
const kinds: Readonly<Record<string, KernelKind>> = {
  Dense: 'dense',
  QDense: 'dense',
  QDenseBatchNorm: 'dense',
  QBatchNormDense: 'dense',
  QKerasDense: 'dense',
  HDense: 'dense',
  HDenseBatchNorm: 'dense',
  Conv2D: 'conv2d',
  QConv2D: 'conv2d',
  QConv2DBatchNorm: 'conv2d',
  QConv2DSparse: 'conv2d',
  QKerasConv2D: 'conv2d',
  HConv2D: 'conv2d',
  HConv2DBatchNorm: 'conv2d',
};

/** The kind of kernel of layers of a class, or null. */
export function kernelKind(layerType: string): KernelKind | null {
  return Object.hasOwn(kinds, layerType) ? kinds[layerType] : null;
}

/** The kernel, before quantisation, of a built layer; null if it has none that can be pruned. */
export function prunableKernel(layer: tf.layers.Layer): PrunableKernel | null {
  const kind = kernelKind(layer.getClassName());
  const weight = kind === null ? undefined : kernelWeight(layer);
  return kind === null || weight === undefined ? null : { kind, variable: weight.read() as tf.Variable };
}

/** The weight that is called kernel, whatever kind of layer has it. */
export function kernelWeight(layer: tf.layers.Layer): tf.LayerVariable | undefined {
  return layer.weights.find(({ originalName }) => /(^|\/)(depthwise_|pointwise_)?kernel$/.test(originalName));
}
