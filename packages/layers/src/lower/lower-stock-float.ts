import type { Weights } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { windowsOver } from '../layers/conv-settings.ts';
import { hostValues } from '../ops/host-view.ts';
import type { Padding } from '../ops/window-axis.ts';
import { denseImage } from './dense-image.ts';
import { accumulated, requirePrecision, resulting, typedWeights } from './float-weights.ts';
import { activated } from './lower-activation.ts';
import { padsOf } from './lower-conv.ts';
import { refuseDivisor } from './lower-quantizer.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

/** Settings of tfjs' convolutions, as `getConfig` gives them. */
interface ConvConfig {
  readonly kernelSize: number | number[];
  readonly strides: number | number[];
  readonly dilationRate: number | number[] | null;
  readonly padding: Padding;
  readonly dataFormat?: string;
  readonly useBias: boolean;
  readonly activation?: string | null;
}

/** tfjs' own layers with float weights, in the user's precision; null for any other layer. */
export function lowerStockFloat(
  scope: LowerScope,
  layer: tf.layers.Layer,
  [input]: readonly Lowered[],
): readonly Lowered[] | null {
  switch (layer.getClassName()) {
    case 'Dense':
      return [lowerDense(scope, layer, input)];
    case 'Conv1D':
      return [lowerConvolution(scope, layer, input, 1, false)];
    case 'Conv2D':
      return [lowerConvolution(scope, layer, input, 2, false)];
    case 'DepthwiseConv2D':
      return [lowerConvolution(scope, layer, input, 2, true)];
    case 'SeparableConv2D':
      return [lowerSeparable(scope, layer, input)];
    case 'BatchNormalization':
      return [lowerNormalization(scope, layer, input)];
    default:
      return null;
  }
}

/**
 * Our name of an activation of tfjs: `gelu_new` is `geluTanh`.
 *
 * @throws on tfjs' hard sigmoid, which is not Keras 3's.
 */
export function ourName(activation: string | null | undefined, layer: string): string {
  const spelt = (activation ?? 'linear').replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  if (spelt === 'hardSigmoid') {
    throw new LowerError(
      layer,
      "tfjs' hardSigmoid is 0.2 x + 0.5, the old one of Keras.",
      "Use elementFunction({ activation: 'hardSigmoid' }), Keras 3's.",
    );
  }
  return { silu: 'swish', geluNew: 'geluTanh' }[spelt] ?? spelt;
}

function lowerDense(scope: LowerScope, layer: tf.layers.Layer, input: Lowered): Lowered {
  const x = argument(scope, layer, input);
  const [kernel, bias] = weightsOfLayer(scope, layer);
  const node = scope.graph.dense(`${layer.name}.dense`, x, { kernel, ...biasOption(bias), layer: layer.name });
  return finished(scope, layer, { kind: 'value', node });
}

function lowerConvolution(
  scope: LowerScope,
  layer: tf.layers.Layer,
  input: Lowered,
  rank: 1 | 2,
  depthwise: boolean,
): Lowered {
  const x = argument(scope, layer, input);
  const [kernel, bias] = weightsOfLayer(scope, layer);
  const channels = x.shape[rank];
  const grouped = depthwise ? oneGroupPerChannel(kernel) : kernel;
  const geometry = geometryOf(layer, x.shape, rank, grouped);
  const options = { kernel: grouped, ...biasOption(bias), groups: depthwise ? channels : 1, layer: layer.name };
  const name = `${layer.name}.conv`;
  const { rows, columns } = geometry;
  const node =
    rank === 1
      ? scope.graph.conv1d(name, x, {
          ...options,
          stride: columns.stride,
          dilation: columns.dilation,
          pads: padsOf(columns),
        })
      : scope.graph.conv2d(name, x, {
          ...options,
          strides: [rows.stride, columns.stride],
          dilation: [rows.dilation, columns.dilation],
          pads: [padsOf(rows), padsOf(columns)],
        });
  return finished(scope, layer, { kind: 'value', node });
}

/** Depthwise, then pointwise, as nodes `.depthwise`, `.conv`: nothing is rounded between them. */
function lowerSeparable(scope: LowerScope, layer: tf.layers.Layer, input: Lowered): Lowered {
  const { name } = layer;
  const x = argument(scope, layer, input);
  const [depthwise, pointwise, bias] = weightsOfLayer(scope, layer);
  const kernel = oneGroupPerChannel(depthwise);
  const { rows, columns } = geometryOf(layer, x.shape, 2, kernel);
  const spread = scope.graph.conv2d(`${name}.depthwise`, x, {
    kernel,
    groups: x.shape[2],
    strides: [rows.stride, columns.stride],
    dilation: [rows.dilation, columns.dilation],
    pads: [padsOf(rows), padsOf(columns)],
    layer: name,
  });
  const node = scope.graph.conv2d(`${name}.conv`, spread, { kernel: pointwise, ...biasOption(bias), layer: name });
  return finished(scope, layer, { kind: 'value', node });
}

/** `x · s + o` with the fused scale and offset rounded to the weight and bias types. */
function lowerNormalization(scope: LowerScope, layer: tf.layers.Layer, input: Lowered): Lowered {
  const { name } = layer;
  const x = argument(scope, layer, input);
  const types = requirePrecision(scope, layer);
  const config = layer.getConfig() as unknown as {
    readonly axis: number;
    readonly epsilon: number;
    readonly center: boolean;
    readonly scale: boolean;
  };
  const values = layer.getWeights().map((weight) => hostValues(weight).slice());
  const gamma = config.scale ? values.shift() : null;
  const beta = config.center ? values.shift() : null;
  const [mean, variance] = values;
  const scale = Float64Array.from(mean, (_, c) => (gamma?.[c] ?? 1) / Math.sqrt(variance[c] + config.epsilon));
  const offset = Float64Array.from(mean, (value, c) => (beta?.[c] ?? 0) - value * scale[c]);
  const rank = x.shape.length;
  const axis = config.axis < 0 ? config.axis + rank : config.axis - 1;
  const shape = x.shape.map((extent, at) => (at === axis ? extent : 1));
  const node = scope.graph.scaleOffset(`${name}.norm`, x, {
    scale: typedWeights(scale, shape, types.weight),
    offset: typedWeights(offset, shape, types.bias),
    layer: name,
  });
  return resulting(scope, layer, { kind: 'value', node });
}

function argument(scope: LowerScope, layer: tf.layers.Layer, input: Lowered) {
  const { dataFormat } = layer.getConfig() as unknown as { readonly dataFormat?: string };
  if (dataFormat === 'channelsFirst') {
    throw new LowerError(layer.name, "its dataFormat is 'channelsFirst'.", "Use 'channelsLast'.");
  }
  const { node } = requireValue(input, layer.name);
  refuseDivisor(node, layer.name);
  return denseImage(scope, node, layer.name);
}

/** All weights of a layer, the last one as bias if it has one. */
function weightsOfLayer(scope: LowerScope, layer: tf.layers.Layer): readonly Weights[] {
  const types = requirePrecision(scope, layer);
  const { useBias } = layer.getConfig() as unknown as ConvConfig;
  const weights = layer.getWeights();
  return weights.map((weight, index) => {
    const type = useBias && index === weights.length - 1 ? types.bias : types.weight;
    return typedWeights(hostValues(weight), weight.shape, type);
  });
}

function biasOption(bias: Weights | undefined): { readonly bias?: Weights } {
  return bias == null ? {} : { bias };
}

/** `[kh, kw, C, M]` as the kernel of C groups, `[kh, kw, 1, C · M]`: the same order of elements. */
function oneGroupPerChannel({ shape: [kh, kw, c, m], ...rest }: Weights): Weights {
  return { ...rest, shape: [kh, kw, 1, c * m] };
}

function geometryOf(layer: tf.layers.Layer, shape: readonly number[], rank: 1 | 2, kernel: Weights) {
  const config = layer.getConfig() as unknown as ConvConfig;
  const list = (value: number | number[] | null | undefined): number[] => {
    const given = value == null ? [1] : [value].flat();
    return given.length >= rank ? given.slice(0, rank) : new Array<number>(rank).fill(given[0]);
  };
  const settings = {
    rank,
    taps: kernel.shape.slice(0, rank),
    strides: list(config.strides),
    dilation: list(config.dilationRate),
    padding: config.padding,
  };
  return windowsOver([null, ...shape], settings, `Layer '${layer.name}'`);
}

/** Accumulator and result types around the activation. */
function finished(scope: LowerScope, layer: tf.layers.Layer, sums: Lowered): Lowered {
  const { activation } = layer.getConfig() as unknown as ConvConfig;
  return resulting(
    scope,
    layer,
    activated(scope, layer, accumulated(scope, layer, sums), ourName(activation, layer.name)),
  );
}
