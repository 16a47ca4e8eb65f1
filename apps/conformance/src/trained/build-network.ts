import { averagePooling2DSparse, inputReduce, qConv2DSparse, qDense, quantizer, sparseFlatten } from '@sp/layers';
import { namedVariables, type QuantizerOptions, setVariable } from '@sp/layers/internal';
import type { Format } from '@sp/quant';
import { isPowerOfTwo } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import type { TrainedFile, TrainedNetwork } from './trained-file.ts';

/** A published network made of our layers. Both models share them. */
export interface BuiltNetwork {
  /** Images → published outputs. */
  readonly model: tf.LayersModel;
  /** Images → what the last dense layer puts out before softmax or sigmoid. */
  readonly logits: tf.LayersModel;
  dispose(): void;
}

/** Options of `buildNetwork`. */
export interface BuildOptions {
  /**
   * By how many bits averages that are no binary fractions (pools of 3, 7, …) are kept finer than activations. By
   * default they are not rounded at all, as in the published float model; such a network cannot be lowered.
   */
  readonly averageGuardBits?: number;
}

/**
 * Rebuilds a published network: fixed `n` and threshold, weights on their grid, relu outputs rounded half to even and
 * saturated, inputs as they are, bias where the convolution is not 0, mask applied again.
 */
export function buildNetwork(
  file: TrainedFile,
  network: TrainedNetwork,
  { averageGuardBits }: BuildOptions = {},
): BuiltNetwork {
  const weights = [...network.weights];
  const values = new Map<string, Float32Array>();
  const quantised = fixedFormat(network.weightFormat);
  const activationFormat = fixedFormat(network.activationFormat);
  const activated = { enableOq: true, oqConf: activationFormat };
  let hasLongFractions = false;

  /** Arguments common to layers with weights; notes the values of these for later. */
  const weighted = (name: string) => {
    const { kernel, bias } = weights.shift() as (typeof weights)[number];
    values.set(`${name}/kernel`, kernel);
    if (bias != null) values.set(`${name}/bias`, bias);
    const roundsInput = hasLongFractions && averageGuardBits != null;
    hasLongFractions = false;
    const { k, i, f } = network.activationFormat;
    const input = roundsInput
      ? { enableIq: true, iqConf: fixedFormat({ k, i, f: f + averageGuardBits }) }
      : { enableIq: false };
    const useBias = bias != null;
    return {
      name,
      kernelInitializer: 'zeros',
      useBias,
      kqConf: quantised,
      bqConf: quantised,
      enableEbops: false,
      ...input,
    };
  };

  const input = tf.input({ shape: [...file.shape], name: 'image' });
  const fixed = { n: network.n, threshold: file.threshold, learnN: false, learnThreshold: false };
  let [x, mask] = inputReduce({ ...fixed, name: 'reduce' }).apply(input) as tf.SymbolicTensor[];
  let output: tf.SymbolicTensor | null = null;
  for (const [index, layer] of file.layers.entries()) {
    const name = `${layer.kind}${index + 1}`;
    if (layer.kind === 'conv') {
      const { filters, kernelSize } = layer;
      const args = { ...weighted(name), filters, kernelSize, activation: 'relu' };
      x = qConv2DSparse(args).apply([x, mask]) as tf.SymbolicTensor;
      // The layer's own output quantizer would act inside the convolution, before bias and relu.
      x = quantizer({ name: `${name}_relu`, config: activationFormat }).apply(x) as tf.SymbolicTensor;
    } else if (layer.kind === 'avg') {
      [x, mask] = averagePooling2DSparse({ name, poolSize: layer.poolSize }).apply([x, mask]) as tf.SymbolicTensor[];
      hasLongFractions ||= !isPowerOfTwo(layer.poolSize);
    } else {
      const { units, activation } = layer;
      if (x.rank === 4) x = sparseFlatten({ name: 'flatten' }).apply([x, mask]) as tf.SymbolicTensor;
      const args = { ...weighted(name), units };
      const dense =
        activation === 'relu' ? qDense({ ...args, ...activated, activation }) : qDense({ ...args, enableOq: false });
      x = dense.apply(x) as tf.SymbolicTensor;
      if (activation === 'softmax' || activation === 'sigmoid') {
        output = tf.layers.activation({ activation, name: activation }).apply(x) as tf.SymbolicTensor;
      }
    }
  }
  const model = tf.model({ inputs: input, outputs: output ?? x });
  const logits = tf.model({ inputs: input, outputs: x });
  const variables = namedVariables(model);
  for (const [name, data] of values) setVariable(variables.get(name) as tf.Variable, data);
  return { model, logits, dispose: () => model.dispose() };
}

/** One fixed format for the whole tensor; rounds half to even and saturates, as the published activations do. */
function fixedFormat({ k, i, f }: Format): QuantizerOptions {
  const modes = { roundMode: 'RND_CONV', overflowMode: 'SAT', trainable: false } as const;
  return { qType: 'kif', k0: k === 1, i0: i, f0: f, ic: null, fc: null, heterogeneousAxis: [], ...modes };
}
