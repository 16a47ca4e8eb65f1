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
import { type Converter, ioQuantizers, ownVariables, qLayerArgs, type Recipe } from '../recipe.ts';
import { unquantisedMerge } from './stock-merge.ts';

/** Poolings by the name of their Keras class. */
const poolings = {
  MaxPooling1D: qMaxPooling1D,
  MaxPooling2D: qMaxPooling2D,
  AveragePooling1D: qAveragePooling1D,
  AveragePooling2D: qAveragePooling2D,
} as const;
const globalPoolings = {
  GlobalMaxPooling1D: qGlobalMaxPooling1D,
  GlobalMaxPooling2D: qGlobalMaxPooling2D,
  GlobalAveragePooling1D: qGlobalAveragePooling1D,
  GlobalAveragePooling2D: qGlobalAveragePooling2D,
} as const;

/** Poolings of dense data of HGQ2 (hgq2 §5.2). */
export const poolingConverters: Readonly<Record<string, Converter>> = byClass(
  'Q',
  (options, make) => {
    const common = qLayerArgs(options);
    const parallelizationFactor = options.number('parallelization_factor', -1);
    return quantised(make({ ...common, ...windowArgs(options), parallelizationFactor }), common);
  },
  (options, make) => {
    const common = qLayerArgs(options);
    // There is one position only.
    options.expect('parallelization_factor', -1, 1);
    return quantised(make({ ...common, ...globalArgs(options) }), common);
  },
);

/**
 * Poolings of Keras itself: those of HGQ2 without quantizers, whose averages are exact sums divided once. (tfjs' own
 * multiply by a rounded reciprocal.)
 */
export const stockPoolingConverters: Readonly<Record<string, Converter>> = byClass(
  '',
  (options, make) => stock(make({ ...unquantisedMerge, name: options.string('name'), ...windowArgs(options) })),
  (options, make) => stock(make({ ...unquantisedMerge, name: options.string('name'), ...globalArgs(options) })),
);

function byClass(
  prefix: string,
  pooling: (options: Options, make: (args: QPoolingArgs) => Recipe['layer']) => Recipe,
  global: (options: Options, make: (args: QGlobalPoolingArgs) => Recipe['layer']) => Recipe,
): Readonly<Record<string, Converter>> {
  return Object.fromEntries([
    ...Object.entries(poolings).map(([name, make]) => [
      `${prefix}${name}`,
      (options: Options) => pooling(options, make),
    ]),
    ...Object.entries(globalPoolings).map(([name, make]) => [
      `${prefix}${name}`,
      (options: Options) => global(options, make),
    ]),
  ]);
}

function windowArgs(options: Options): QPoolingArgs {
  return {
    poolSize: options.numbers('pool_size'),
    strides: options.raw('strides') == null ? null : options.numbers('strides'),
    padding: options.string('padding', 'valid'),
    dataFormat: options.string('data_format', 'channels_last'),
  };
}

function globalArgs(options: Options): QGlobalPoolingArgs {
  return {
    keepdims: options.boolean('keepdims', false),
    dataFormat: options.string('data_format', 'channels_last'),
  };
}

function quantised(layer: Recipe['layer'], common: ReturnType<typeof qLayerArgs>): Recipe {
  return { layer, stored: [ownVariables('', [], common), ...ioQuantizers('', common)] };
}

function stock(layer: Recipe['layer']): Recipe {
  return { layer, stored: [] };
}
