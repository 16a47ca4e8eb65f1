import * as tf from '@tensorflow/tfjs';
import { lastOrder } from '../../layers/data-format.ts';
import { type ConstantTensor, scaleShift } from '../../layers/scale-shift.ts';
import { take } from '../../layers/take.ts';
import { zeroPad } from '../../layers/zero-pad.ts';
import { constantOf } from '../constant-of.ts';
import type { Options } from '../options.ts';
import type { Converter, Recipe } from '../recipe.ts';

/** Layers of Keras itself that have no weights: inputs, shapes, noise. */
export const stockConverters: Readonly<Record<string, Converter>> = {
  InputLayer(options) {
    const shape = options.raw('batch_shape') ?? options.raw('batch_input_shape');
    if (!Array.isArray(shape)) return options.fail('batch_shape', 'a shape');
    options.expect('sparse', false);
    options.expect('ragged', false);
    options.expect('optional', false);
    // A batch size that was fixed in training is not one of the firmware.
    const batchInputShape = [null, ...shape.slice(1)];
    return plain(tf.layers.inputLayer({ name: options.string('name'), batchInputShape }));
  },

  Flatten(options, _, [shape]) {
    const name = options.string('name');
    const first = isChannelsFirst(options);
    // tfjs flattens nothing that is flat already.
    if (shape.length < 3) return plain(tf.layers.reshape({ name, targetShape: [shape[1] ?? 1] }));
    const layer = tf.layers.flatten({ name });
    if (!first) return plain(layer);
    // Keras flattens with the channels last.
    const dims = lastOrder(shape.length).slice(1);
    return { layer, before: [tf.layers.permute({ name: `${name}_last`, dims })], stored: [] };
  },

  Identity: (options) => plain(identity(options)),

  ActivityRegularization(options) {
    const [l1, l2] = ['l1', 'l2'].map((key) => options.number(key, 0));
    options.note(
      `${options.where}: its penalty (l1 = ${l1}, l2 = ${l2}) is not taken over; training goes on without it.`,
    );
    return plain(identity(options));
  },

  Reshape(options, _, [shape]) {
    const target = options.numbers('target_shape');
    const size = shape.slice(1).reduce<number>((product, extent) => product * (extent ?? Number.NaN), 1);
    const rest = target.filter((extent) => extent !== -1).reduce((product, extent) => product * extent, 1);
    const targetShape = target.map((extent) => (extent === -1 ? size / rest : extent));
    if (targetShape.some((extent) => !Number.isInteger(extent))) {
      return options.fail('target_shape', `a shape of as many elements as [${shape.slice(1).join(', ')}] has`);
    }
    return plain(tf.layers.reshape({ name: options.string('name'), targetShape }));
  },

  Permute(options) {
    return plain(tf.layers.permute({ name: options.string('name'), dims: [...options.numbers('dims')] }));
  },

  RepeatVector(options) {
    return plain(tf.layers.repeatVector({ name: options.string('name'), n: options.number('n') }));
  },

  ZeroPadding1D: (options) => padding(options, 1),
  ZeroPadding2D: (options) => padding(options, 2),

  Cropping1D: (options, _, [shape]) => cropping(options, shape, 1),
  Cropping2D: (options, _, [shape]) => cropping(options, shape, 2),

  UpSampling1D: (options, _, [shape]) => upSampling(options, shape, 1),
  UpSampling2D(options, _, [shape]) {
    const interpolation = options.string('interpolation', 'nearest');
    if (interpolation !== 'nearest') {
      options.fail('interpolation', "'nearest'; for another, put a fixed depthwise convolution behind it");
    }
    return upSampling(options, shape, 2);
  },

  Rescaling(options) {
    const constant = (key: string, neutral: number): ConstantTensor | null => {
      const tensor = constantOf(options.raw(key) ?? neutral) ?? options.fail(key, 'a number or a list of numbers');
      return tensor.values.every((value) => value === neutral) ? null : tensor;
    };
    const [scale, offset] = [constant('scale', 1), constant('offset', 0)];
    return plain(scaleShift({ name: options.string('name'), scale, offset }));
  },

  Dropout(options) {
    return plain(tf.layers.dropout({ name: options.string('name'), rate: options.number('rate'), ...noise(options) }));
  },

  SpatialDropout1D: (options) => spatialDropout(options, 1),
  SpatialDropout2D: (options) => spatialDropout(options, 2),

  GaussianDropout(options) {
    return plain(tf.layers.gaussianDropout({ name: options.string('name'), rate: options.number('rate') }));
  },

  GaussianNoise(options) {
    return plain(tf.layers.gaussianNoise({ name: options.string('name'), stddev: options.number('stddev') }));
  },

  AlphaDropout(options) {
    return plain(
      tf.layers.alphaDropout({ name: options.string('name'), rate: options.number('rate'), ...noise(options) }),
    );
  },
};

/** Axes that share their noise; of no consequence for what the model computes. */
function noise(options: Options): { readonly noiseShape?: number[] } {
  const shape = options.raw('noise_shape');
  return Array.isArray(shape) ? { noiseShape: shape as number[] } : {};
}

function isChannelsFirst(options: Options): boolean {
  return options.string('data_format', 'channels_last') === 'channels_first';
}

/** The first spatial axis of data with channels last or first, batch included. */
function firstAxis(options: Options): 1 | 2 {
  return isChannelsFirst(options) ? 2 : 1;
}

/** A layer without stored variables. */
function plain(layer: tf.layers.Layer): Recipe {
  return { layer, stored: [] };
}

function identity(options: Options): tf.layers.Layer {
  return tf.layers.activation({ name: options.string('name'), activation: 'linear' });
}

/** `n`, `[a, b]` per axis or `[[a, b], [c, d]]`, as Keras writes paddings and croppings of its layers. */
function pairs(options: Options, key: string, rank: 1 | 2): readonly (readonly [number, number])[] {
  const value = options.raw(key);
  const list = Array.isArray(value) ? value : new Array(rank).fill(value);
  const perAxis = rank === 1 && typeof list[0] === 'number' && list.length === 2 ? [list] : list;
  const found = perAxis.map((entry) => (typeof entry === 'number' ? [entry, entry] : entry) as [number, number]);
  const whole = found.every(
    (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0),
  );
  return found.length === rank && whole ? found : options.fail(key, 'whole numbers from 0');
}

function padding(options: Options, rank: 1 | 2): Recipe {
  const spatial = pairs(options, 'padding', rank);
  const pads = isChannelsFirst(options) ? [[0, 0] as const, ...spatial] : [...spatial, [0, 0] as const];
  return plain(zeroPad({ name: options.string('name'), pads }));
}

function cropping(options: Options, shape: readonly (number | null)[], rank: 1 | 2): Recipe {
  const from = firstAxis(options);
  const selections = pairs(options, 'cropping', rank).map(([before, after], j) => {
    const axis = j + from;
    const size = shape[axis] ?? options.fail('cropping', `a fixed size along axis ${axis}`);
    if (before + after >= size) return options.fail('cropping', `less than the ${size} elements along axis ${axis}`);
    return { axis, indices: Array.from({ length: size - before - after }, (_, k) => before + k) };
  });
  return plain(take({ name: options.string('name'), selections }));
}

function upSampling(options: Options, shape: readonly (number | null)[], rank: 1 | 2): Recipe {
  const from = firstAxis(options);
  const given = options.numbers('size');
  const factors = given.length === 1 ? new Array<number>(rank).fill(given[0]) : given;
  const selections = factors.map((factor, j) => {
    const axis = j + from;
    const size = shape[axis] ?? options.fail('size', `a fixed size along axis ${axis}`);
    return { axis, indices: Array.from({ length: size * factor }, (_, k) => Math.floor(k / factor)) };
  });
  return plain(take({ name: options.string('name'), selections }));
}

/** Whole channels at once: the mask has length 1 along the spatial axes. */
function spatialDropout(options: Options, rank: 1 | 2): Recipe {
  options.raw('noise_shape');
  const ones = new Array<number>(rank).fill(1);
  const noiseShape = (isChannelsFirst(options) ? [null, null, ...ones] : [null, ...ones, null]) as number[];
  return plain(tf.layers.dropout({ name: options.string('name'), rate: options.number('rate'), noiseShape }));
}
