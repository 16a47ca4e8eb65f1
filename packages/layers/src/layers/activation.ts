import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { applyUnary } from '../ops/unary-function.ts';
import { unaryFunction, unaryFunctionNames } from './unary-functions.ts';

/**
 * Activations that layers accept: these, and every function that `qUnaryFunctionLUT` knows. Only linear and relu have an
 * exact integer form.
 */
export type ActivationName =
  | 'linear'
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'tanh'
  | 'softmax'
  | 'elu'
  | 'selu'
  | 'softplus'
  | (string & {});

const functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
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
  if (Object.hasOwn(functions, wanted) || unaryFunctionNames().includes(wanted)) return wanted;
  const known = [...new Set([...Object.keys(functions), ...unaryFunctionNames()])];
  throw new LayerError(`Layer '${layer}': unknown activation '${wanted}'. Known: ${known.join(', ')}.`, {
    layer,
    option: 'activation',
    value: wanted,
  });
}

/** Applies the activation. */
export function applyActivation(name: ActivationName, x: tf.Tensor): tf.Tensor {
  return Object.hasOwn(functions, name) ? functions[name](x) : applyUnary(unaryFunction(name, name), x);
}
