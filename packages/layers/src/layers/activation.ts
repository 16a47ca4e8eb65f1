import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/** Element-wise activations that layers accept. Only linear and relu can be lowered to a fixed graph. */
export type ActivationName = 'linear' | 'relu' | 'relu6' | 'sigmoid' | 'tanh' | 'softmax' | 'elu' | 'selu' | 'softplus';

const functions: Readonly<Record<ActivationName, (x: tf.Tensor) => tf.Tensor>> = {
  linear: (x) => x,
  relu: tf.relu,
  relu6: tf.relu6,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softmax: tf.softmax,
  elu: tf.elu,
  selu: tf.selu,
  softplus: tf.softplus,
};

/** @throws naming the layer when the activation is unknown. */
export function activationName(name: string | null | undefined, layer: string): ActivationName {
  const wanted = name ?? 'linear';
  if (!(wanted in functions)) {
    throw new LayerError(
      `Layer '${layer}': unknown activation '${wanted}'. Known: ${Object.keys(functions).join(', ')}.`,
      { layer, option: 'activation', value: wanted },
    );
  }
  return wanted as ActivationName;
}

/** Applies the activation. */
export function applyActivation(name: ActivationName, x: tf.Tensor): tf.Tensor {
  return functions[name](x);
}
