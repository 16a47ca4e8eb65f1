import type { HBatchNormArgs, HKernelArgs } from '../hgq1/h-kernel-args.ts';
import {
  type HConvArgs,
  hConv1D,
  hConv1DBatchNorm,
  hConv2D,
  hConv2DBatchNorm,
  hDense,
  hDenseBatchNorm,
} from '../hgq1/h-kernel-layers.ts';
import { hActivation, hAdd, hQuantize } from '../hgq1/h-simple-layers.ts';
import type { HQuantizerConfig } from '../hgq1/quantizer-config.ts';
import { type PerElement, signature } from '../hgq1/signature.ts';
import type { JsonObject } from '../keras/json-object.ts';
import type { Options } from '../keras/options.ts';
import { registerUnaryFunction } from '../layers/unary-functions.ts';
import { type Keras2Converter, stockConverters2 } from './stock-converters.ts';

/** Layers of HGQ v1. P-layers are the ordinary ones. */
export const hgq1Converters: Readonly<Record<string, Keras2Converter>> = {
  HQuantize: (options) => hQuantize(quantised(options)),
  HAdd: (options) => hAdd(quantised(options)),
  HActivation: (options) => hActivation({ ...quantised(options), activation: functionOf(options) }),
  Signature: (options) =>
    signature({
      name: options.string('name'),
      keepNegative: options.raw('keep_negative') as PerElement,
      bits: options.raw('bits') as PerElement,
      intBits: options.raw('int_bits') as PerElement,
    }),
  HDense: (options) => hDense({ ...kernel(options), units: options.number('units') }),
  HDenseBatchNorm: (options) =>
    hDenseBatchNorm({ ...kernel(options), ...norm(options), units: options.number('units') }),
  HConv1D: (options) => hConv1D(conv(options)),
  HConv2D: (options) => hConv2D(conv(options)),
  HConv1DBatchNorm: (options) => hConv1DBatchNorm({ ...conv(options), ...norm(options) }),
  HConv2DBatchNorm: (options) => hConv2DBatchNorm({ ...conv(options), ...norm(options) }),
  PFlatten: stockConverters2['Flatten'],
  PReshape: stockConverters2['Reshape'],
  PPermute: stockConverters2['Permute'],
  PConcatenate: stockConverters2['Concatenate'],
  PDropout: stockConverters2['Dropout'],
  PMaxPooling1D: stockConverters2['MaxPooling1D'],
  PMaxPooling2D: stockConverters2['MaxPooling2D'],
  PMaxPool1D: stockConverters2['MaxPooling1D'],
  PMaxPool2D: stockConverters2['MaxPooling2D'],
  PAveragePooling1D: stockConverters2['AveragePooling1D'],
  PAveragePooling2D: stockConverters2['AveragePooling2D'],
  PAvgPool1D: stockConverters2['AveragePooling1D'],
  PAvgPool2D: stockConverters2['AveragePooling2D'],
};

/** Keras 2's hard sigmoid, which is another than Keras 3's. */
const hardSigmoid2 = {
  value: (x: number): number => Math.min(1, Math.max(0, 0.2 * x + 0.5)),
  slope: (x: number): number => (Math.abs(x) < 2.5 ? 0.2 : 0),
};

function functionOf(options: Options): string {
  const name = options.activation();
  if (name !== 'hardSigmoid') return name;
  registerUnaryFunction('hardSigmoid2', hardSigmoid2);
  return 'hardSigmoid2';
}

function quantised(options: Options): {
  readonly name: string;
  readonly beta: number;
  readonly paqConf: Partial<HQuantizerConfig> | null;
} {
  // Written by every layer, used by those with a kernel.
  options.raw('kq_conf');
  return { name: options.string('name'), beta: options.number('beta', 0), paqConf: conf(options, 'paq_conf') };
}

function kernel(options: Options): HKernelArgs {
  return {
    ...quantised(options),
    kqConf: conf(options, 'kq_conf'),
    activation: options.activation(),
    useBias: options.boolean('use_bias', true),
    doAdaptKernelBits: options.boolean('do_adapt_kernel_bits', true),
    parallelFactor: (options.raw('parallel_factor') ?? null) as number | null,
  };
}

function conv(options: Options): HConvArgs {
  options.expect('data_format', 'channels_last');
  return {
    ...kernel(options),
    filters: options.number('filters'),
    kernelSize: options.axes('kernel_size'),
    strides: options.axes('strides'),
    padding: options.string('padding', 'valid'),
    dilationRate: options.axes('dilation_rate'),
    groups: options.number('groups', 1),
  };
}

/** Upstream forgets these when it saves: what is missing has its default. */
function norm(options: Options): HBatchNormArgs {
  return {
    momentum: options.number('momentum', 0.99),
    epsilon: options.number('epsilon', 1e-3),
    center: options.boolean('center', true),
    scale: options.boolean('scale', true),
  };
}

/** A quantizer configuration as HGQ writes it. */
function conf(options: Options, key: string): Partial<HQuantizerConfig> | null {
  const value = options.raw(key);
  if (value == null) return null;
  const {
    init_bw,
    skip_dims,
    rnd_strategy,
    exact_q_value,
    dtype,
    bw_clip,
    trainable,
    regularizer,
    minmax_record,
    ...rest
  } = value as JsonObject;
  const unknown = Object.keys(rest)[0];
  if (unknown != null || (dtype != null && dtype !== 'float32'))
    return options.fail(key, `a quantizer configuration of HGQ v1 (${unknown ?? 'dtype'})`);
  const strategies = ['standard_round', 'stochastic_round', 'fast_uniform_noise_injection', 'floor'];
  const strategy = typeof rnd_strategy === 'number' ? strategies[rnd_strategy] : rnd_strategy;
  if (typeof rnd_strategy === 'number' && strategy == null) {
    return options.fail(key, 'a quantizer configuration of HGQ v1 (rnd_strategy from 0 to 3, or its name)');
  }
  const given = {
    initBw: init_bw,
    skipDims: skip_dims === undefined ? undefined : skip_dims,
    rndStrategy: strategy,
    exactQValue: exact_q_value,
    bwClip: bw_clip === undefined ? undefined : bw_clip || null,
    trainable,
    ...(regularizer === undefined ? {} : weightsOf(regularizer, options, key)),
    minmaxRecord: minmax_record,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, entry]) => entry !== undefined),
  ) as Partial<HQuantizerConfig>;
}

/** HGQ v1's signed sum, or Keras' own regularisers. */
function weightsOf(regularizer: unknown, options: Options, key: string): Pick<HQuantizerConfig, 'l1' | 'absL1' | 'l2'> {
  const none = { l1: 0, absL1: 0, l2: 0 };
  if (regularizer === null) return none;
  const { class_name = '', config } = regularizer as {
    readonly class_name?: string;
    readonly config?: { readonly l1?: number; readonly l2?: number };
  };
  const { l1 = 0, l2 = 0 } = config ?? {};
  switch (class_name.replace(/^.*>/, '')) {
    case 'MonoL1':
      return { ...none, l1 };
    case 'L1':
    case 'L2':
    case 'L1L2':
      return { ...none, absL1: l1, l2 };
    default:
      return options.fail(key, 'the regularizer MonoL1, L1, L2, L1L2 or none');
  }
}
