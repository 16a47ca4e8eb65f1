import { qBatchNormalization } from '../../layers/q-batch-normalization.ts';
import type { QConvArgs } from '../../layers/q-conv.ts';
import { qConv1D } from '../../layers/q-conv1d.ts';
import { qConv2D } from '../../layers/q-conv2d.ts';
import { qDense } from '../../layers/q-dense.ts';
import { qEinsumDense } from '../../layers/q-einsum-dense.ts';
import type { Options } from '../options.ts';
import { type Converter, penalties, type Recipe, type Stored } from '../recipe.ts';
import { weightTraining } from '../weight-training.ts';

/** The layers of HGQ2 without quantizers and costs are the plain float layers of Keras. */
const float = {
  enableIq: false,
  enableOq: false,
  enableEbops: false,
  kqConf: { qType: 'dummy', place: 'weight' },
  bqConf: { qType: 'dummy', place: 'bias' },
} as const;

/** Layers of Keras itself with float weights. They train as such; `lower` asks for a precision. */
export const stockWeightConverters: Readonly<Record<string, Converter>> = {
  Dense(options) {
    const useBias = options.boolean('use_bias', true);
    const layer = qDense({
      ...float,
      ...weightTraining(options),
      ...common(options),
      units: options.number('units'),
      activation: options.activation(),
      useBias,
    });
    return { layer, stored: kernelAndBias(useBias) };
  },

  EinsumDense(options) {
    const biasAxes = options.raw('bias_axes') == null ? null : options.string('bias_axes');
    const sizes = options.raw('output_shape');
    const layer = qEinsumDense({
      ...float,
      ...weightTraining(options),
      ...common(options),
      equation: options.string('equation'),
      outputShape: (Array.isArray(sizes) ? sizes : options.number('output_shape')) as number | (number | null)[],
      activation: options.activation(),
      biasAxes,
    });
    return { layer, stored: kernelAndBias(biasAxes != null) };
  },

  Conv1D: (options) => convolution(options, qConv1D),
  Conv2D: (options) => convolution(options, qConv2D),
  DepthwiseConv1D: (options, _, [shape]) => depthwise(options, qConv1D, shape),
  DepthwiseConv2D: (options, _, [shape]) => depthwise(options, qConv2D, shape),

  SeparableConv1D: (options, _, [shape]) => separable(options, qConv1D, shape),
  SeparableConv2D: (options, _, [shape]) => separable(options, qConv2D, shape),

  BatchNormalization(options, _, [shape]) {
    penalties(options, ['beta', 'gamma']);
    for (const key of ['renorm', 'synchronized']) options.expect(key, false);
    for (const key of ['renorm_clipping', 'renorm_momentum', 'virtual_batch_size', 'adjustment']) options.raw(key);
    const center = options.boolean('center', true);
    const scale = options.boolean('scale', true);
    const given = options.raw('axis') ?? -1;
    const axis = Array.isArray(given) && given.length === 1 ? given[0] : given;
    if (typeof axis !== 'number') return options.fail('axis', 'one axis');
    const layer = qBatchNormalization({
      ...float,
      ...common(options),
      axis: axis >= 0 && axis === shape.length - 1 ? -1 : axis,
      momentum: options.number('momentum', 0.99),
      epsilon: options.number('epsilon', 1e-3),
      center,
      scale,
    });
    const names = [...(scale ? ['bn_gamma'] : []), ...(center ? ['bn_beta'] : []), 'moving_mean', 'moving_variance'];
    return { layer, stored: [{ group: '', variables: names }] };
  },
};

function common(options: Options): { readonly name: string; readonly trainable: boolean } {
  return { name: options.string('name'), trainable: options.boolean('trainable', true) };
}

function kernelAndBias(useBias: boolean): readonly Stored[] {
  return [{ group: '', variables: useBias ? ['kernel', 'bias'] : ['kernel'] }];
}

function geometry(options: Options): Omit<QConvArgs, 'filters' | 'name'> & { readonly name: string } {
  return {
    ...float,
    ...common(options),
    kernelSize: options.numbers('kernel_size'),
    strides: options.numbers('strides'),
    padding: options.string('padding', 'valid'),
    dilationRate: options.numbers('dilation_rate'),
    dataFormat: options.string('data_format', 'channels_last'),
    activation: options.activation(),
    useBias: options.boolean('use_bias', true),
  };
}

function convolution(options: Options, make: (args: QConvArgs) => Recipe['layer']): Recipe {
  const args = { ...geometry(options), ...weightTraining(options) };
  const layer = make({ ...args, filters: options.number('filters'), groups: options.number('groups', 1) });
  return { layer, stored: kernelAndBias(args.useBias ?? true) };
}

/** One group per channel. The kernel lies in the file as that of the grouped convolution does. */
function depthwise(
  options: Options,
  make: (args: QConvArgs) => Recipe['layer'],
  shape: readonly (number | null)[],
): Recipe {
  const args = { ...geometry(options), ...weightTraining(options, { kernel: 'depthwise' }, true) };
  const { filters, groups, shapes } = spread(options, shape);
  const variables = args.useBias === false ? ['kernel'] : ['kernel', 'bias'];
  return { layer: make({ ...args, filters, groups }), stored: [{ group: '', variables, shapes: { kernel: shapes } }] };
}

/** A depthwise convolution `<name>_depthwise` without bias, and one over the channels alone. */
function separable(
  options: Options,
  make: (args: QConvArgs) => Recipe['layer'],
  shape: readonly (number | null)[],
): Recipe {
  const { activation, useBias, ...args } = geometry(options);
  const { filters, groups, shapes } = spread(options, shape);
  const name = `${args.name}_depthwise`;
  const first = make({
    ...args,
    ...weightTraining(options, { kernel: 'depthwise' }, true),
    ...{ name, filters, groups, useBias: false },
  });
  const layer = make({
    ...float,
    ...common(options),
    ...weightTraining(options, { kernel: 'pointwise' }),
    ...{ filters: options.number('filters'), kernelSize: 1, activation: activation ?? null, useBias: useBias ?? true },
    dataFormat: args.dataFormat ?? null,
  });
  const kernel = `/${name}/kernel`;
  const variables = [kernel, 'kernel', ...(useBias === false ? [] : ['bias'])];
  return { layer, before: [first], stored: [{ group: '', variables, shapes: { [kernel]: shapes } }] };
}

/** A depthwise kernel as one of groups: the same order of elements. */
function spread(
  options: Options,
  shape: readonly (number | null)[],
): { readonly filters: number; readonly groups: number; readonly shapes: readonly number[] } {
  const first = options.string('data_format', 'channels_last') === 'channels_first';
  const channels =
    shape[first ? 1 : shape.length - 1] ?? options.fail('depth_multiplier', 'a fixed number of channels');
  const filters = channels * options.number('depth_multiplier', 1);
  return { filters, groups: channels, shapes: [...options.numbers('kernel_size'), 1, filters] };
}
