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

/** Poolings of dense data of HGQ2 (hgq2 §5.2). */
export const poolingConverters: Readonly<Record<string, Converter>> = {
  QMaxPooling1D: (options) => pooling(options, qMaxPooling1D),
  QMaxPooling2D: (options) => pooling(options, qMaxPooling2D),
  QAveragePooling1D: (options) => pooling(options, qAveragePooling1D),
  QAveragePooling2D: (options) => pooling(options, qAveragePooling2D),
  QGlobalMaxPooling1D: (options) => globalPooling(options, qGlobalMaxPooling1D),
  QGlobalMaxPooling2D: (options) => globalPooling(options, qGlobalMaxPooling2D),
  QGlobalAveragePooling1D: (options) => globalPooling(options, qGlobalAveragePooling1D),
  QGlobalAveragePooling2D: (options) => globalPooling(options, qGlobalAveragePooling2D),
};

function pooling(options: Options, make: (args: QPoolingArgs) => Recipe['layer']): Recipe {
  const common = qLayerArgs(options);
  const layer = make({
    ...common,
    poolSize: options.numbers('pool_size'),
    strides: options.raw('strides') == null ? null : options.numbers('strides'),
    padding: options.string('padding', 'valid'),
    dataFormat: options.string('data_format', 'channels_last'),
    parallelizationFactor: options.number('parallelization_factor', -1),
  });
  return { layer, stored: [ownVariables('', [], common), ...ioQuantizers('', common)] };
}

function globalPooling(options: Options, make: (args: QGlobalPoolingArgs) => Recipe['layer']): Recipe {
  const common = qLayerArgs(options);
  // There is one position only.
  options.expect('parallelization_factor', -1, 1);
  const layer = make({
    ...common,
    keepdims: options.boolean('keepdims', false),
    dataFormat: options.string('data_format', 'channels_last'),
  });
  return { layer, stored: [ownVariables('', [], common), ...ioQuantizers('', common)] };
}
