import { qBatchNormalization } from '../../layers/q-batch-normalization.ts';
import type { QConvArgs } from '../../layers/q-conv.ts';
import { qConv1D } from '../../layers/q-conv1d.ts';
import { qConv2D } from '../../layers/q-conv2d.ts';
import type { Options } from '../options.ts';
import { quantizerAt } from '../quantizer-options.ts';
import {
  type Converter,
  ioQuantizers,
  ownVariables,
  penalties,
  qLayerArgs,
  quantizersAt,
  type Recipe,
} from '../recipe.ts';
import { weightTraining } from '../weight-training.ts';

/** Convolutions of dense data and batch normalisation of HGQ2 (hgq2 §5.2). */
export const convConverters: Readonly<Record<string, Converter>> = {
  QConv1D: (options) => convolution(options, qConv1D),

  QConv2D: (options) => convolution(options, qConv2D),

  QBatchNormalization(options) {
    const common = qLayerArgs(options);
    penalties(options, ['beta', 'gamma']);
    // Sums over devices: the same for one.
    options.raw('synchronized');
    options.expect('renorm', false);
    options.raw('renorm_clipping');
    options.raw('renorm_momentum');
    const center = options.boolean('center', true);
    const scale = options.boolean('scale', true);
    const axis = options.raw('axis') ?? -1;
    if (!center) {
      options.note(
        `${options.where}: center = false stands for an offset of 1 in HGQ2, which the imported model keeps (fixedOffset).`,
      );
    }
    const layer = qBatchNormalization({
      ...common,
      axis: (Array.isArray(axis) && axis.length === 1 ? axis[0] : axis) as number,
      momentum: options.number('momentum', 0.99),
      epsilon: options.number('epsilon', 1e-3),
      center,
      scale,
      fixedOffset: center ? 0 : 1,
      kqConf: quantizerAt(options, 'kq_conf'),
      bqConf: quantizerAt(options, 'bq_conf'),
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
  const useBias = options.boolean('use_bias', true);
  const layer = make({
    ...common,
    ...weightTraining(options),
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
    kqConf: quantizerAt(options, 'kq_conf'),
    bqConf: quantizerAt(options, 'bq_conf'),
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
