import * as tf from '@tensorflow/tfjs';
import { elementFunction, exponentialLinear, rectifier } from '../../layers/function-layers.ts';
import type { Options } from '../options.ts';
import type { Converter } from '../recipe.ts';

/** Activation layers of Keras itself. */
export const stockActivationConverters: Readonly<Record<string, Converter>> = {
  Activation(options) {
    const name = options.string('name');
    return { layer: activationLayer(options.activation(), name), stored: [] };
  },

  Softmax(options) {
    const axis = options.raw('axis') ?? -1;
    if (typeof axis !== 'number') return options.fail('axis', 'one axis');
    return { layer: tf.layers.softmax({ name: options.string('name'), axis }), stored: [] };
  },

  ReLU(options) {
    const maxValue = options.raw('max_value');
    const layer = rectifier({
      name: options.string('name'),
      maxValue: typeof maxValue === 'number' ? maxValue : null,
      negativeSlope: number(options, 'negative_slope'),
      threshold: number(options, 'threshold'),
    });
    return { layer, stored: [] };
  },

  LeakyReLU(options) {
    const slope = options.raw('negative_slope') ?? options.raw('alpha') ?? 0.3;
    if (typeof slope !== 'number') return options.fail('negative_slope', 'a number');
    return { layer: rectifier({ name: options.string('name'), negativeSlope: slope }), stored: [] };
  },

  ELU(options) {
    return {
      layer: exponentialLinear({ name: options.string('name'), alpha: options.number('alpha', 1) }),
      stored: [],
    };
  },

  PReLU(options) {
    options.raw('alpha_regularizer');
    options.raw('alpha_constraint');
    const shared = options.raw('shared_axes');
    const sharedAxes = Array.isArray(shared) ? { sharedAxes: shared as number[] } : {};
    const trainable = options.boolean('trainable', true);
    const layer = tf.layers.prelu({ name: options.string('name'), trainable, ...sharedAxes });
    return { layer, stored: [{ group: '', variables: ['alpha'] }] };
  },
};

/** An activation by name as a layer. Only relu, softmax and the identity are layers of tfjs itself. */
export function activationLayer(activation: string, name: string): tf.layers.Layer {
  switch (activation) {
    case 'linear':
    case 'relu':
    case 'softmax':
      return tf.layers.activation({ name, activation });
    case 'relu6':
      return rectifier({ name, maxValue: 6 });
    case 'leakyRelu':
      return rectifier({ name, negativeSlope: 0.2 });
    case 'elu':
      return exponentialLinear({ name });
    default:
      return elementFunction({ name, activation });
  }
}

function number(options: Options, key: string): number {
  const value = options.raw(key) ?? 0;
  return typeof value === 'number' ? value : options.fail(key, 'a number');
}
