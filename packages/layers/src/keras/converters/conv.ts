import { qBatchNormalization } from '../../layers/q-batch-normalization.ts';
import type { QConvArgs } from '../../layers/q-conv.ts';
import { qConv1D } from '../../layers/q-conv1d.ts';
import { qConv2D } from '../../layers/q-conv2d.ts';
import type { Options } from '../options.ts';
import { quantizerOptions } from '../quantizer-options.ts';
import {
  type Converter,
  ioQuantizers,
  ownVariables,
  qLayerArgs,
  quantizersAt,
  type Recipe,
  refuseWeightPenalties,
} from '../recipe.ts';

/** Convolutions of dense data and batch normalisation of HGQ2 (hgq2 §5.2). */
export const convConverters: Readonly<Record<string, Converter>> = {
  QConv1D: (options) => convolution(options, qConv1D),

  QConv2D: (options) => convolution(options, qConv2D),

  QBatchNormalization(options) {
    const common = qLayerArgs(options);
    for (const weight of ['beta', 'gamma']) {
      options.expect(`${weight}_regularizer`);
      options.expect(`${weight}_constraint`);
    }
    options.expect('synchronized', false);
    options.expect('quantization_config');
    const center = options.boolean('center', true);
    const scale = options.boolean('scale', true);
    const axis = options.raw('axis') ?? -1;
    const layer = qBatchNormalization({
      ...common,
      axis: (Array.isArray(axis) && axis.length === 1 ? axis[0] : axis) as number,
      momentum: options.number('momentum', 0.99),
      epsilon: options.number('epsilon', 1e-3),
      center,
      scale,
      kqConf: quantizerOptions(options.raw('kq_conf'), `${options.where}: kq_conf`),
      bqConf: quantizerOptions(options.raw('bq_conf'), `${options.where}: bq_conf`),
    });
    const names = [...(scale ? ['bn_gamma'] : []), ...(center ? ['bn_beta'] : []), 'moving_mean', 'moving_variance'];
    return {
      layer,
      stored: [ownVariables('', names, common), ...ioQuantizers('', common), ...quantizersAt('', 'kq', 'bq')],
    };
  },
};

function convolution(options: Options, make: (args: QConvArgs) => Recipe['layer']): Recipe {
  const common = qLayerArgs(options);
  refuseWeightPenalties(options);
  const useBias = options.boolean('use_bias', true);
  const layer = make({
    ...common,
    filters: options.number('filters'),
    kernelSize: options.numbers('kernel_size'),
    strides: options.numbers('strides'),
    padding: options.string('padding'),
    dilationRate: options.numbers('dilation_rate'),
    groups: options.number('groups', 1),
    dataFormat: options.string('data_format', 'channels_last'),
    activation: options.activation(),
    useBias,
    parallelizationFactor: options.number('parallelization_factor', -1),
    kqConf: quantizerOptions(options.raw('kq_conf'), `${options.where}: kq_conf`),
    bqConf: quantizerOptions(options.raw('bq_conf'), `${options.where}: bq_conf`),
  });
  return {
    layer,
    stored: [
      ownVariables('', useBias ? ['kernel', 'bias'] : ['kernel'], common),
      ...ioQuantizers('', common),
      ...quantizersAt('', 'kq', ...(useBias ? ['bq'] : [])),
    ],
  };
}
