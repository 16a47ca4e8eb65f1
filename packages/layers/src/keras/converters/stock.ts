import * as tf from '@tensorflow/tfjs';
import { scaleShift } from '../../layers/scale-shift.ts';
import { take } from '../../layers/take.ts';
import { zeroPad } from '../../layers/zero-pad.ts';
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
    options.expect('data_format', 'channels_last');
    // tfjs flattens nothing that is flat already.
    if (shape.length < 3) {
      return plain(tf.layers.reshape({ name: options.string('name'), targetShape: [shape[1] ?? 1] }));
    }
    return plain(tf.layers.flatten({ name: options.string('name') }));
  },

  Identity: (options) => plain(identity(options)),

  ActivityRegularization(options) {
    // Penalties of the training that made the file; what it computes is the identity.
    options.raw('l1');
    options.raw('l2');
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
    options.expect('interpolation', 'nearest');
    return upSampling(options, shape, 2);
  },

  Rescaling(options) {
    const constant = (key: string, neutral: number): number | null => {
      const value = options.number(key, neutral);
      return value === neutral ? null : value;
    };
    const [scale, offset] = [constant('scale', 1), constant('offset', 0)];
    return plain(scaleShift({ name: options.string('name'), scale, offset }));
  },

  Dropout(options) {
    options.expect('noise_shape');
    return plain(tf.layers.dropout({ name: options.string('name'), rate: options.number('rate') }));
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
    options.expect('noise_shape');
    return plain(tf.layers.alphaDropout({ name: options.string('name'), rate: options.number('rate') }));
  },
};

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
  options.expect('data_format', 'channels_last');
  const pads = [...pairs(options, 'padding', rank), [0, 0] as const];
  return plain(zeroPad({ name: options.string('name'), pads }));
}

function cropping(options: Options, shape: readonly (number | null)[], rank: 1 | 2): Recipe {
  options.expect('data_format', 'channels_last');
  const selections = pairs(options, 'cropping', rank).map(([before, after], j) => {
    const size = shape[j + 1] ?? options.fail('cropping', `a fixed size along axis ${j + 1}`);
    if (before + after >= size) return options.fail('cropping', `less than the ${size} elements along axis ${j + 1}`);
    return { axis: j + 1, indices: Array.from({ length: size - before - after }, (_, k) => before + k) };
  });
  return plain(take({ name: options.string('name'), selections }));
}

function upSampling(options: Options, shape: readonly (number | null)[], rank: 1 | 2): Recipe {
  options.expect('data_format', 'channels_last');
  const given = options.numbers('size');
  const factors = given.length === 1 ? new Array<number>(rank).fill(given[0]) : given;
  const selections = factors.map((factor, j) => {
    const size = shape[j + 1] ?? options.fail('size', `a fixed size along axis ${j + 1}`);
    return { axis: j + 1, indices: Array.from({ length: size * factor }, (_, k) => Math.floor(k / factor)) };
  });
  return plain(take({ name: options.string('name'), selections }));
}

/** Whole channels at once: the mask has length 1 along the spatial axes. */
function spatialDropout(options: Options, rank: 1 | 2): Recipe {
  options.expect('noise_shape');
  if (rank === 2) options.expect('data_format', 'channels_last');
  const noiseShape = [null, ...new Array<number>(rank).fill(1), null] as number[];
  return plain(tf.layers.dropout({ name: options.string('name'), rate: options.number('rate'), noiseShape }));
}
