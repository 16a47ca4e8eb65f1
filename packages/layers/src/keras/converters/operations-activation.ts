import * as tf from '@tensorflow/tfjs';
import { exponentialLinear, rectifier } from '../../layers/function-layers.ts';
import type { Operation } from '../operation-call.ts';
import { applied } from '../operation-call.ts';
import { activationLayer } from './stock-activation.ts';

/** Functions of one number by the class that Keras gives them, in our spelling. */
const functions: Readonly<Record<string, string>> = {
  Relu: 'relu',
  Relu6: 'relu6',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Softplus: 'softplus',
  Softsign: 'softsign',
  SoftSign: 'softsign',
  Silu: 'swish',
  LogSigmoid: 'logSigmoid',
  Selu: 'selu',
  HardSigmoid: 'hardSigmoid',
  HardSilu: 'hardSilu',
  HardTanh: 'hardTanh',
  TanhShrink: 'tanhShrink',
  Squareplus: 'squareplus',
  Exp: 'exp',
  Sin: 'sin',
  Cos: 'cos',
};

/** Activations as operations. */
export const activationOperations: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(
    Object.entries(functions).map(([className, activation]): [string, Operation] => [
      className,
      (call) => applied(activationLayer(activation, call.name), call.data()),
    ]),
  ),
  LeakyRelu: (call) =>
    applied(rectifier({ name: call.name, negativeSlope: call.number(1, 'negative_slope', 0.2) }), call.data()),
  Elu: (call) => applied(exponentialLinear({ name: call.name, alpha: call.number(1, 'alpha', 1) }), call.data()),
  Gelu: (call) =>
    applied(activationLayer(call.setting('approximate') === false ? 'gelu' : 'geluTanh', call.name), call.data()),
  Softmax(call) {
    const axis = call.number(1, 'axis', -1) as number;
    return applied(tf.layers.softmax({ name: call.name, axis }), call.data());
  },
  Identity: (call) => applied(activationLayer('linear', call.name), call.data()),
};
