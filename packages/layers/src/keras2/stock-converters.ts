import * as tf from '@tensorflow/tfjs';
import type { Options } from '../keras/options.ts';
import { LayerError } from '../layer-error.ts';
import { qGlobalAveragePooling1D, qGlobalAveragePooling2D } from '../layers/q-global-pooling.ts';
import { qAveragePooling1D, qAveragePooling2D, qMaxPooling1D, qMaxPooling2D } from '../layers/q-pooling.ts';

/** Makes the layer that a Keras-2 configuration describes. */
export type Keras2Converter = (options: Options) => tf.layers.Layer;

/** Pooling without quantizers: exact averages, which tfjs' own are not. */
const plain = { enableIq: false, enableOq: false, enableEbops: false } as const;

/** Options of a pooling. */
export function poolingArgs(options: Options): typeof plain & {
  readonly name: string;
  readonly poolSize: number | readonly number[];
  readonly strides: number | readonly number[] | null;
  readonly padding: string;
} {
  options.expect('data_format', 'channels_last');
  return {
    name: options.string('name'),
    poolSize: options.axes('pool_size'),
    strides: options.raw('strides') == null ? null : options.axes('strides'),
    padding: options.string('padding', 'valid'),
    ...plain,
  };
}

const named = (options: Options): { readonly name: string } => ({ name: options.string('name') });

/** Layers of Keras 2 itself. */
export const stockConverters2: Readonly<Record<string, Keras2Converter>> = {
  InputLayer(options) {
    const shape = options.raw('batch_input_shape') ?? options.raw('batch_shape');
    if (!Array.isArray(shape)) return options.fail('batch_input_shape', 'a shape');
    for (const flag of ['sparse', 'ragged', 'optional']) options.expect(flag, false);
    return tf.layers.inputLayer({ ...named(options), batchInputShape: [null, ...shape.slice(1)] });
  },
  Activation: (options) => tf.layers.activation({ ...named(options), activation: options.activation() as 'relu' }),
  ReLU(options) {
    options.expect('negative_slope', 0);
    options.expect('threshold', 0);
    const maxValue = options.raw('max_value');
    return tf.layers.reLU({ ...named(options), ...(typeof maxValue === 'number' ? { maxValue } : {}) });
  },
  Softmax: (options) => tf.layers.softmax({ ...named(options), axis: options.number('axis', -1) }),
  Flatten(options) {
    options.expect('data_format', 'channels_last');
    return tf.layers.flatten(named(options));
  },
  Reshape: (options) => reshapeLayer({ ...named(options), targetShape: [...options.numbers('target_shape')] }),
  Permute: (options) => tf.layers.permute({ ...named(options), dims: [...options.numbers('dims')] }),
  Dropout(options) {
    options.expect('noise_shape');
    return tf.layers.dropout({ ...named(options), rate: options.number('rate') });
  },
  Add: (options) => tf.layers.add(named(options)),
  Multiply: (options) => tf.layers.multiply(named(options)),
  Maximum: (options) => tf.layers.maximum(named(options)),
  Minimum: (options) => tf.layers.minimum(named(options)),
  Average: (options) => tf.layers.average(named(options)),
  Concatenate: (options) => tf.layers.concatenate({ ...named(options), axis: options.number('axis', -1) }),
  MaxPooling1D: (options) => qMaxPooling1D(poolingArgs(options)),
  MaxPooling2D: (options) => qMaxPooling2D(poolingArgs(options)),
  AveragePooling1D: (options) => qAveragePooling1D(poolingArgs(options)),
  AveragePooling2D: (options) => qAveragePooling2D(poolingArgs(options)),
  GlobalMaxPooling1D: globalPooling((args) => tf.layers.globalMaxPooling1d(args)),
  GlobalMaxPooling2D: globalPooling((args) => tf.layers.globalMaxPooling2d({ ...args, dataFormat: 'channelsLast' })),
  GlobalAveragePooling1D: globalPooling((args) => qGlobalAveragePooling1D({ ...args, ...plain })),
  GlobalAveragePooling2D: globalPooling((args) => qGlobalAveragePooling2D({ ...args, ...plain })),
  LeakyReLU: (options) => tf.layers.leakyReLU({ ...named(options), alpha: options.number('alpha', 0.3) }),
  ZeroPadding2D(options) {
    options.expect('data_format', 'channels_last');
    return tf.layers.zeroPadding2d({ ...named(options), padding: options.raw('padding') as [number, number] });
  },
  Cropping2D(options) {
    options.expect('data_format', 'channels_last');
    const cropping = options.raw('cropping') as [[number, number], [number, number]];
    return tf.layers.cropping2D({ ...named(options), cropping });
  },
  UpSampling2D(options) {
    options.expect('data_format', 'channels_last');
    options.expect('interpolation', 'nearest');
    return tf.layers.upSampling2d({ ...named(options), size: [...options.numbers('size')] });
  },
  RepeatVector: (options) => tf.layers.repeatVector({ ...named(options), n: options.number('n') }),
  Dense: (options) =>
    tf.layers.dense({
      ...named(options),
      units: options.number('units'),
      useBias: options.boolean('use_bias', true),
      activation: options.activation() as 'relu',
    }),
  Conv1D: (options) => tf.layers.conv1d(convArgs(options)),
  Conv2D: (options) => tf.layers.conv2d(convArgs(options)),
  BatchNormalization(options) {
    const axis = [options.raw('axis') ?? -1].flat()[0] as number;
    return tf.layers.batchNormalization({
      ...named(options),
      axis,
      momentum: options.number('momentum', 0.99),
      epsilon: options.number('epsilon', 1e-3),
      center: options.boolean('center', true),
      scale: options.boolean('scale', true),
    });
  },
};

/** tfjs leaves a size given as −1 unknown until data arrive; layers behind need it when they are built. */
export function reshapeLayer(args: { readonly name?: string; readonly targetShape: number[] }): tf.layers.Layer {
  // tfjs changes the array it is given.
  const layer = tf.layers.reshape({ ...args, targetShape: [...args.targetShape] });
  layer.computeOutputShape = (given) => {
    const [batch, ...sizes] = given as (number | null)[];
    const total = sizes.reduce<number>((product, size) => product * (size ?? Number.NaN), 1);
    const known = args.targetShape.filter((size) => size >= 0).reduce((product, size) => product * size, 1);
    const shape = args.targetShape.map((size) => (size < 0 ? total / known : size));
    if (shape.reduce((product, size) => product * size, 1) !== total || !shape.every(Number.isInteger)) {
      throw new LayerError(`Layer '${layer.name}': [${sizes}] cannot be reshaped to [${args.targetShape}].`, {
        option: 'targetShape',
        value: args.targetShape,
      });
    }
    return [batch, ...shape];
  };
  return layer;
}

function globalPooling(make: (args: { name: string }) => tf.layers.Layer): Keras2Converter {
  return (options) => {
    options.expect('data_format', 'channels_last');
    options.expect('keepdims', false);
    return make(named(options));
  };
}

function convArgs(options: Options): Parameters<typeof tf.layers.conv2d>[0] {
  options.expect('data_format', 'channels_last');
  if (options.number('groups', 1) !== 1) {
    throw new LayerError(`${options.where}: groups other than 1 are not supported in unquantised layers.`, {
      option: 'groups',
    });
  }
  return {
    ...named(options),
    filters: options.number('filters'),
    kernelSize: [...options.numbers('kernel_size')],
    strides: [...options.numbers('strides')],
    padding: options.string('padding') as 'same',
    dilationRate: [...options.numbers('dilation_rate')] as [number],
    useBias: options.boolean('use_bias', true),
    activation: options.activation() as 'relu',
  };
}
