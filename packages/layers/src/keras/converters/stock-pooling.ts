import {
  type QGlobalPoolingArgs,
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
} from '../../layers/q-global-pooling.ts';
import {
  type QPoolingArgs,
  qAveragePooling1D,
  qAveragePooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
} from '../../layers/q-pooling.ts';
import type { Options } from '../options.ts';
import type { Converter, Recipe } from '../recipe.ts';
import { unquantisedMerge as unquantised } from './stock-merge.ts';

/**
 * Poolings of Keras itself: those of HGQ2 without quantizers, whose averages are exact sums divided once. (tfjs' own
 * multiply by a rounded reciprocal.)
 */
export const stockPoolingConverters: Readonly<Record<string, Converter>> = {
  MaxPooling1D: (options) => pooling(options, qMaxPooling1D),
  MaxPooling2D: (options) => pooling(options, qMaxPooling2D),
  AveragePooling1D: (options) => pooling(options, qAveragePooling1D),
  AveragePooling2D: (options) => pooling(options, qAveragePooling2D),
  GlobalMaxPooling1D: (options) => global(options, qGlobalMaxPooling1D),
  GlobalMaxPooling2D: (options) => global(options, qGlobalMaxPooling2D),
  GlobalAveragePooling1D: (options) => global(options, qGlobalAveragePooling1D),
  GlobalAveragePooling2D: (options) => global(options, qGlobalAveragePooling2D),
};

function pooling(options: Options, make: (args: QPoolingArgs) => Recipe['layer']): Recipe {
  const layer = make({
    ...unquantised,
    name: options.string('name'),
    poolSize: options.numbers('pool_size'),
    strides: options.raw('strides') == null ? null : options.numbers('strides'),
    padding: options.string('padding', 'valid'),
    dataFormat: options.string('data_format', 'channels_last'),
  });
  return { layer, stored: [] };
}

function global(options: Options, make: (args: QGlobalPoolingArgs) => Recipe['layer']): Recipe {
  const layer = make({
    ...unquantised,
    name: options.string('name'),
    keepdims: options.boolean('keepdims', false),
    dataFormat: options.string('data_format', 'channels_last'),
  });
  return { layer, stored: [] };
}
