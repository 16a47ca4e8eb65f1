import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { qkerasActivation } from './qkeras-activation.ts';
import type { QKerasAffineArgs } from './qkeras-affine.ts';
import { qkerasConv1D, qkerasConv2D, qkerasDense, qkerasDepthwiseConv2D } from './qkeras-affine-layers.ts';
import type { ActivationArgument, QuantizerArgument } from './quantizer-argument.ts';

/** Quantizers of a layer, or of a class of layers. */
export type QuantizeSettings = Pick<
  QKerasAffineArgs,
  'kernelQuantizer' | 'depthwiseQuantizer' | 'biasQuantizer' | 'activation'
>;

/** Quantizers in QKeras' words, as its dictionaries have them. */
export interface PythonSettings {
  readonly kernel_quantizer?: QuantizerArgument;
  readonly depthwise_quantizer?: QuantizerArgument;
  readonly bias_quantizer?: QuantizerArgument;
  readonly activation?: ActivationArgument;
}

/** What `modelQuantize` does with layers: by name, or by class (`QDense`, …); `QActivation` by function (`relu`). */
export interface QuantizeConfig {
  /** Put behind every input, e.g. `quantized_bits(8,0,alpha=1)`. */
  readonly inputs?: string;
  readonly QActivation?: Readonly<Record<string, string>>;
  readonly layers?: Readonly<Record<string, QuantizeSettings>>;
  /** Layers may also be named beside these, with settings in QKeras' words: its own dictionaries can be given as they are. */
  readonly [layer: string]: string | PythonSettings | Readonly<Record<string, string | QuantizeSettings>> | undefined;
}

/** More of what `modelQuantize` may be told. */
export interface ModelQuantizeOptions {
  /** Bits of activations the dictionary does not name: relu, tanh and sigmoid get QKeras' quantizers. Default: they stay. */
  readonly activationBits?: number | null;
  /** Take the model's weights over. Default true. */
  readonly transferWeights?: boolean;
}

const makers: Readonly<Record<string, (args: QKerasAffineArgs) => tf.layers.Layer>> = {
  Dense: qkerasDense,
  Conv1D: qkerasConv1D,
  Conv2D: qkerasConv2D,
  DepthwiseConv2D: qkerasDepthwiseConv2D,
};

/**
 * QKeras' `model_quantize`: a plain model with its Dense and convolution layers (and activations) replaced by quantised
 * ones, as a dictionary says; weights are taken over, names kept. Layers the dictionary does not name stay as they are.
 *
 * @throws LayerError for a layer used twice, or a name or setting in the dictionary that fits nothing
 * @example
 * modelQuantize(model, {
 *   inputs: 'quantized_bits(8,0,alpha=1)',
 *   QActivation: { relu: 'quantized_relu(6,2)' },
 *   QDense: { kernel_quantizer: 'quantized_bits(4,0,1,alpha=1)' },
 * });
 */
export function modelQuantize(
  model: tf.LayersModel,
  dictionary: QuantizeConfig,
  { activationBits = null, transferWeights = true }: ModelQuantizeOptions = {},
): tf.LayersModel {
  const config = planOf(dictionary, activationBits);
  const used = new Set<string>();
  const done = new Map<number, tf.SymbolicTensor>();
  const inputs = model.inputs.map((input) => {
    const layer = input.sourceLayer;
    const fresh = tf.input({ batchShape: [...input.shape], name: layer.name });
    const quantised =
      config.inputs == null
        ? fresh
        : (qkerasActivation({ name: `${layer.name}_quantizer`, activation: config.inputs }).apply(
            fresh,
          ) as tf.SymbolicTensor);
    done.set(input.id, quantised);
    return fresh;
  });
  const transfers: (readonly [tf.layers.Layer, tf.layers.Layer])[] = [];
  const visit = (symbolic: tf.SymbolicTensor): tf.SymbolicTensor => {
    const known = done.get(symbolic.id);
    if (known != null) return known;
    const layer = symbolic.sourceLayer;
    if (layer.inboundNodes.length > 1)
      throw new LayerError(`Layer '${layer.name}': it is used more than once. Make one per use.`);
    const [node] = layer.inboundNodes;
    const given = node.inputTensors.map(visit);
    const replaced = replacement(layer, config, used);
    const outputs = [
      replaced.apply(given.length === 1 ? given[0] : given) as tf.SymbolicTensor | tf.SymbolicTensor[],
    ].flat();
    for (const [index, output] of node.outputTensors.entries()) done.set(output.id, outputs[index]);
    transfers.push([layer, replaced]);
    return done.get(symbolic.id) as tf.SymbolicTensor;
  };
  const outputs = model.outputs.map(visit);
  const unused = Object.keys(config.layers).find((name) => !used.has(name));
  if (unused != null) {
    throw new LayerError(
      `modelQuantize: '${unused}' names no layer of the model. Use names of layers, or QDense, QConv1D, QConv2D, QDepthwiseConv2D.`,
      { option: unused },
    );
  }
  const quantised = tf.model({ name: model.name, inputs, outputs });
  if (transferWeights) {
    for (const [from, to] of transfers) if (from.weights.length > 0) to.setWeights(from.getWeights());
  }
  return quantised;
}

/** The dictionary in one form. */
interface QuantizePlan {
  readonly inputs: string | null;
  readonly activations: Readonly<Record<string, string>>;
  readonly layers: Readonly<Record<string, QuantizeSettings>>;
}

const settingNames: Readonly<Record<string, keyof QuantizeSettings>> = {
  kernel_quantizer: 'kernelQuantizer',
  depthwise_quantizer: 'depthwiseQuantizer',
  bias_quantizer: 'biasQuantizer',
};

function planOf(dictionary: QuantizeConfig, bits: number | null): QuantizePlan {
  const { inputs, QActivation = {}, layers = {}, ...named } = dictionary;
  const usual: Record<string, string> =
    bits == null
      ? {}
      : { relu: `quantized_relu(${bits})`, tanh: `quantized_tanh(${bits})`, sigmoid: `quantized_sigmoid(${bits})` };
  const all = Object.entries({ ...layers, ...named }).map(([name, settings]) => {
    const entries = Object.entries((settings ?? {}) as object).map(([key, value]) => {
      const known = settingNames[key] ?? key;
      if (!['kernelQuantizer', 'depthwiseQuantizer', 'biasQuantizer', 'activation'].includes(known)) {
        const wanted = [...Object.keys(settingNames), 'activation'].join(', ');
        throw new LayerError(`modelQuantize: '${name}' has the setting '${key}'; expected ${wanted}.`, { option: key });
      }
      return [known, value];
    });
    return [name, Object.fromEntries(entries) as QuantizeSettings];
  });
  return { inputs: inputs ?? null, activations: { ...usual, ...QActivation }, layers: Object.fromEntries(all) };
}

function replacement(layer: tf.layers.Layer, config: QuantizePlan, used: Set<string>): tf.layers.Layer {
  const kind = layer.getClassName();
  const settings = layer.getConfig() as Record<string, unknown>;
  if (kind === 'Activation') {
    const quantizer = config.activations[String(settings['activation'])];
    if (quantizer != null) return qkerasActivation({ name: layer.name, activation: quantizer });
  }
  const key = [layer.name, `Q${kind}`].find((name) => config.layers[name] != null);
  const maker = makers[kind];
  if (key == null || maker == null) return clone(layer);
  used.add(key);
  const own = config.layers[key];
  const function_ = String(settings['activation'] ?? 'linear');
  const activation = own.activation ?? config.activations[function_] ?? function_;
  const size = (name: string): number[] => [settings[name]].flat() as number[];
  const conv =
    kind === 'Dense'
      ? {}
      : {
          kernelSize: size('kernelSize'),
          strides: size('strides'),
          dilationRate: size('dilationRate'),
          padding: String(settings['padding']),
        };
  return maker({
    name: layer.name,
    ...(kind === 'Dense' ? { units: settings['units'] as number } : {}),
    ...(kind.startsWith('Conv') ? { filters: settings['filters'] as number } : {}),
    ...(kind === 'DepthwiseConv2D' ? { depthMultiplier: settings['depthMultiplier'] as number } : {}),
    ...conv,
    useBias: settings['useBias'] as boolean,
    ...own,
    activation,
  });
}

function clone(layer: tf.layers.Layer): tf.layers.Layer {
  const [made, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[layer.getClassName()];
  return fromConfig(made, layer.getConfig()) as tf.layers.Layer;
}
