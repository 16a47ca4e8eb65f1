import * as tf from '@tensorflow/tfjs';
import type { Converter } from '../recipe.ts';

/** Layers of Keras itself that have no weights. */
export const stockConverters: Readonly<Record<string, Converter>> = {
  InputLayer(options) {
    const shape = options.raw('batch_shape');
    if (!Array.isArray(shape)) return options.fail('batch_shape', 'a shape');
    options.expect('sparse', false);
    options.expect('ragged', false);
    options.expect('optional', false);
    return { layer: tf.layers.inputLayer({ name: options.string('name'), batchInputShape: shape }), stored: [] };
  },

  Flatten(options) {
    options.expect('data_format', 'channels_last');
    return { layer: tf.layers.flatten({ name: options.string('name') }), stored: [] };
  },

  Activation(options) {
    const activation = options.activation();
    return {
      layer: tf.layers.activation({ name: options.string('name'), activation: activation as 'relu' }),
      stored: [],
    };
  },

  Softmax(options) {
    return { layer: tf.layers.softmax({ name: options.string('name'), axis: options.number('axis', -1) }), stored: [] };
  },

  ReLU(options) {
    options.expect('negative_slope', 0);
    options.expect('threshold', 0);
    const maxValue = options.raw('max_value');
    const limit = typeof maxValue === 'number' ? { maxValue } : {};
    return { layer: tf.layers.reLU({ name: options.string('name'), ...limit }), stored: [] };
  },

  Reshape(options) {
    const targetShape = [...options.numbers('target_shape')];
    return { layer: tf.layers.reshape({ name: options.string('name'), targetShape }), stored: [] };
  },

  Dropout(options) {
    options.expect('noise_shape');
    return { layer: tf.layers.dropout({ name: options.string('name'), rate: options.number('rate') }), stored: [] };
  },

  Concatenate(options) {
    return {
      layer: tf.layers.concatenate({ name: options.string('name'), axis: options.number('axis', -1) }),
      stored: [],
    };
  },
};
