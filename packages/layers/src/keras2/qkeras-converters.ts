import type { Options } from '../keras/options.ts';
import { LayerError } from '../layer-error.ts';
import { qkerasActivation } from '../qkeras/qkeras-activation.ts';
import { qkerasAdaptiveActivation } from '../qkeras/qkeras-adaptive-activation.ts';
import type { QKerasAffineArgs } from '../qkeras/qkeras-affine.ts';
import {
  qkerasConv1D,
  qkerasConv2D,
  qkerasDense,
  qkerasDepthwiseConv2D,
  qkerasSeparableConv1D,
  qkerasSeparableConv2D,
} from '../qkeras/qkeras-affine-layers.ts';
import { qkerasAveragePooling2D, qkerasGlobalAveragePooling2D } from '../qkeras/qkeras-average-pooling.ts';
import { qkerasBatchNormalization } from '../qkeras/qkeras-batch-normalization.ts';
import type { ActivationArgument, QuantizerArgument } from '../qkeras/quantizer-argument.ts';
import type { Keras2Converter } from './stock-converters.ts';

/** Layers of QKeras 0.9. */
export const qkerasConverters: Readonly<Record<string, Keras2Converter>> = {
  QActivation: (options) =>
    qkerasActivation({ name: options.string('name'), activation: options.raw('activation') as ActivationArgument }),
  QDense: (options) =>
    qkerasDense({ ...common(options), units: options.number('units'), kernelQuantizer: quantizer(options, 'kernel') }),
  QConv1D: (options) =>
    qkerasConv1D({
      ...conv(options),
      filters: options.number('filters'),
      kernelQuantizer: quantizer(options, 'kernel'),
    }),
  QConv2D(options) {
    options.expect('mask');
    return qkerasConv2D({
      ...conv(options),
      filters: options.number('filters'),
      kernelQuantizer: quantizer(options, 'kernel'),
    });
  },
  QDepthwiseConv2D: (options) => {
    // The depthwise layer has one group per channel whatever it says.
    options.raw('groups');
    options.raw('filters');
    const { groups: _, ...geometry } = conv(options);
    return qkerasDepthwiseConv2D({ ...geometry, ...depthwise(options) });
  },
  QSeparableConv1D: (options) => qkerasSeparableConv1D(separable(options)),
  QSeparableConv2D: (options) => qkerasSeparableConv2D(separable(options)),
  QAveragePooling2D: (options) =>
    qkerasAveragePooling2D({
      ...pooling(options),
      poolSize: options.axes('pool_size'),
      strides: options.raw('strides') == null ? null : options.axes('strides'),
      padding: options.string('padding', 'valid'),
    }),
  QGlobalAveragePooling2D(options) {
    options.expect('keepdims', false);
    return qkerasGlobalAveragePooling2D(pooling(options));
  },
  QBatchNormalization(options) {
    options.raw('axis');
    return qkerasBatchNormalization({
      name: options.string('name'),
      momentum: options.number('momentum', 0.99),
      epsilon: options.number('epsilon', 1e-3),
      center: options.boolean('center', true),
      scale: options.boolean('scale', true),
      gammaQuantizer: quantizer(options, 'gamma'),
      betaQuantizer: quantizer(options, 'beta'),
      meanQuantizer: quantizer(options, 'mean'),
      varianceQuantizer: quantizer(options, 'variance'),
      inverseQuantizer: quantizer(options, 'inverse'),
    });
  },
  QAdaptiveActivation(options) {
    options.expect('per_channel', false);
    options.expect('po2_rounding', false);
    options.expect('relu_upper_bound');
    for (const key of ['current_step', 'quantization_delay', 'ema_freeze_delay']) options.raw(key);
    return qkerasAdaptiveActivation({
      name: options.string('name'),
      activation: options.string('activation') as 'quantized_bits',
      totalBits: options.number('total_bits'),
      symmetric: options.boolean('symmetric', true),
      emaDecay: options.number('ema_decay', 0.9999),
      reluNegativeSlope: options.number('relu_neg_slope', 0),
    });
  },
  QConv2DBatchnorm: refused('QConv2D with the normalisation folded into its weights'),
  QDepthwiseConv2DBatchnorm: refused('QDepthwiseConv2D with the normalisation folded into its weights'),
};

function refused(instead: string): Keras2Converter {
  return (options) => {
    throw new LayerError(
      `${options.where}: this class is not supported by the conversion. Use ${instead} (unfold_model).`,
    );
  };
}

function quantizer(options: Options, role: string): QuantizerArgument {
  return (options.raw(`${role}_quantizer`) ?? null) as QuantizerArgument;
}

function common(options: Options): QKerasAffineArgs {
  const biasQuantizer = quantizer(options, 'bias');
  return {
    name: options.string('name'),
    useBias: options.boolean('use_bias', true),
    activation: (options.raw('activation') ?? null) as ActivationArgument,
    biasQuantizer,
  };
}

function conv(options: Options): QKerasAffineArgs {
  return {
    ...common(options),
    kernelSize: options.axes('kernel_size'),
    strides: options.axes('strides'),
    padding: options.string('padding', 'valid'),
    dataFormat: options.string('data_format', 'channels_last'),
    dilationRate: options.axes('dilation_rate'),
    groups: options.number('groups', 1),
  };
}

function depthwise(options: Options): QKerasAffineArgs {
  return {
    depthMultiplier: options.number('depth_multiplier', 1),
    depthwiseQuantizer: quantizer(options, 'depthwise'),
  };
}

function separable(options: Options): QKerasAffineArgs {
  const { groups: _, ...geometry } = conv(options);
  return {
    ...geometry,
    ...depthwise(options),
    filters: options.number('filters'),
    pointwiseQuantizer: quantizer(options, 'pointwise'),
  };
}

function pooling(options: Options): {
  readonly name: string;
  readonly averageQuantizer: QuantizerArgument;
  readonly activation: ActivationArgument;
} {
  options.expect('data_format', 'channels_last');
  return {
    name: options.string('name'),
    averageQuantizer: quantizer(options, 'average'),
    activation: (options.raw('activation') ?? null) as ActivationArgument,
  };
}
