import { globalAveragePooling2DSparse, globalMaxPooling2DSparse } from '../../layers/global-pooling2d-sparse.ts';
import { inputReduce } from '../../layers/input-reduce.ts';
import { averagePooling2DSparse, maxPooling2DSparse, type Pooling2DSparseArgs } from '../../layers/pooling2d-sparse.ts';
import { qConv2DSparse } from '../../layers/q-conv2d-sparse.ts';
import { removeDilatedPixels } from '../../layers/remove-dilated-pixels.ts';
import type { Options } from '../options.ts';
import { quantizerAt } from '../quantizer-options.ts';
import { type Converter, ioQuantizers, ownVariables, qLayerArgs } from '../recipe.ts';
import { weightTraining } from '../weight-training.ts';

/** Layers of sparsepixels (sparsepixels §1, §4). */
export const sparseConverters: Readonly<Record<string, Converter>> = {
  InputReduce(options) {
    const args = {
      name: options.string('name'),
      trainable: options.boolean('trainable', true),
      n: options.number('n'),
      threshold: options.number('threshold'),
      betaN: options.number('beta_n', 1e-5),
      betaMaskedE: options.number('beta_maskedE', 0),
      learnN: options.boolean('learn_n', true),
      learnThreshold: options.boolean('learn_threshold', true),
      tauThreshold: options.number('tau_threshold', 0.05),
      tauN: options.number('tau_n', 1),
    };
    // Trainable variables come first, each kind in order of creation.
    const created = [
      { name: 'threshold', trains: args.learnThreshold, initial: args.threshold },
      { name: 'n_frac', trains: args.learnN, initial: 1 },
    ];
    const ordered = [...created.filter(({ trains }) => trains), ...created.filter(({ trains }) => !trains)];
    const fixed = created.filter(({ trains }) => !trains).map(({ name, initial }) => [name, initial] as const);
    const variables = ordered.map(({ name }) => name);
    return { layer: inputReduce(args), stored: [{ group: '', variables, constants: Object.fromEntries(fixed) }] };
  },

  QConv2DSparse(options) {
    const conv = options.inner('conv_config');
    const common = qLayerArgs(conv);
    const useBias = options.boolean('use_bias');
    conv.expect('activation', 'linear');
    conv.expect('use_bias', false);
    conv.expect('bq_conf');
    conv.expect('data_format', 'channels_last');
    const layer = qConv2DSparse({
      ...common,
      ...weightTraining(conv),
      name: options.string('name'),
      trainable: options.boolean('trainable', true),
      filters: conv.number('filters'),
      kernelSize: conv.numbers('kernel_size'),
      strides: conv.numbers('strides'),
      padding: conv.string('padding'),
      dilationRate: conv.numbers('dilation_rate'),
      groups: conv.number('groups', 1),
      parallelizationFactor: conv.number('parallelization_factor', -1),
      kqConf: quantizerAt(conv, 'kq_conf'),
      bqConf: quantizerAt(options, 'bq_conf'),
      useBias,
      activation: options.activation(),
    });
    conv.done();
    return {
      layer,
      stored: [
        ...(useBias
          ? [
              { group: '', variables: ['bias'] },
              { group: '_bq', quantizer: 'bq' },
            ]
          : []),
        ownVariables('conv', ['kernel'], common),
        ...ioQuantizers('conv', common),
        { group: 'conv/kq', quantizer: 'kq' },
      ],
    };
  },

  AveragePooling2DSparse: (options) => ({ layer: averagePooling2DSparse(poolArgs(options)), stored: [] }),

  MaxPooling2DSparse: (options) => ({ layer: maxPooling2DSparse(poolArgs(options)), stored: [] }),

  // Not in sparsepixels, but under the names that it would give them.
  GlobalAveragePooling2DSparse: (options) => ({
    layer: globalAveragePooling2DSparse({ name: options.string('name') }),
    stored: [],
  }),

  GlobalMaxPooling2DSparse: (options) => ({
    layer: globalMaxPooling2DSparse({ name: options.string('name') }),
    stored: [],
  }),

  RemoveDilatedPixels(options) {
    return { layer: removeDilatedPixels({ name: options.string('name') }), stored: [] };
  },
};

function poolArgs(options: Options): Pooling2DSparseArgs {
  const pool = options.inner('pool_config');
  pool.raw('trainable');
  pool.expect('data_format', 'channels_last');
  const args = {
    name: options.string('name'),
    poolSize: pool.numbers('pool_size'),
    strides: pool.raw('strides') == null ? null : pool.numbers('strides'),
    padding: pool.string('padding', 'valid'),
  };
  pool.done();
  return args;
}
