import * as tf from '@tensorflow/tfjs';
import { elementFunction, exponentialLinear, rectifier } from '../../layers/function-layers.ts';
import type { Options } from '../options.ts';
import type { Converter } from '../recipe.ts';
import { leftOut } from '../weight-training.ts';

/** Activation layers of Keras itself. */
export const stockActivationConverters: Readonly<Record<string, Converter>> = {
  Activation(options) {
    const name = options.string('name');
    return { layer: activationLayer(options.activation(), name), stored: [] };
  },

  Softmax(options, _, [shape]) {
    const given = options.raw('axis') ?? -1;
    const axis = Array.isArray(given) && given.length === 1 ? given[0] : given;
    if (typeof axis !== 'number') return options.fail('axis', 'one axis; Flatten the data, or use QSoftmax (axes)');
    const name = options.string('name');
    const rank = shape.length;
    const at = axis < 0 ? axis + rank : axis;
    if (!(at > 0 && at < rank)) return options.fail('axis', `an axis behind the batch of data of rank ${rank}`);
    if (at === rank - 1) return { layer: tf.layers.softmax({ name, axis: -1 }), stored: [] };
    // tfjs has it along the last axis only; an exchange of two axes is its own inverse.
    const dims = shape.slice(1).map((_, j) => (j + 1 === at ? rank - 1 : j + 1 === rank - 1 ? at : j + 1));
    const exchange = (step: string): tf.layers.Layer => tf.layers.permute({ name: step, dims });
    const layer = tf.layers.softmax({ name: `${name}_softmax`, axis: -1 });
    return { layer, before: [exchange(`${name}_last`)], after: [exchange(name)], stored: [] };
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
    for (const key of ['alpha_regularizer', 'alpha_constraint']) leftOut(options, key);
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
