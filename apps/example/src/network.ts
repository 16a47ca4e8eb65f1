import {
  averagePooling2DSparse,
  inputReduce,
  layerConfigScope,
  qConv2DSparse,
  qDense,
  quantizer,
  quantizerConfigScope,
  sparseFlatten,
} from '@sp/layers';
import type { Format } from '@sp/quant';
import type { ImageShape } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** What the user decides about the network. */
export interface NetworkOptions {
  readonly shape: ImageShape;
  readonly classes: number;
  /** Format of the pixels; other values are rounded and saturated to it at the input. */
  readonly inputFormat: Format;
  /** Pixel budget to start from. */
  readonly n: number;
  /** Initial threshold. */
  readonly threshold: number;
  /** Decides the initial weights. */
  readonly seed: number;
  /** Weight of the pixel budget in the loss. Default `penalties.betaN`. */
  readonly betaN?: number;
}

/** Weights of the penalties in the loss, and how they are learned. */
export const penalties = {
  /** Of the EBOPs, in every layer. */
  beta: 3e-7,
  /** Of the pixel budget. */
  betaN: 8e-3,
  /** Of the share of intensity that the reduction drops: holds the threshold back from swallowing the signal. */
  betaMaskedE: 1,
  /** Softness of the threshold while it is learned: half a step of the digits' intensity. */
  tauThreshold: 0.03,
} as const;

/**
 * The example's network: input reduction, two sparse convolutions with relu (4 filters of 5 × 5 and of 3 × 3), each followed by 2 × 2 average
 * pooling, and two dense layers (24 relu, one logit per class). All formats are learned: weights and biases have one each, activations one per
 * channel on the sparse path and one per tensor behind it. Activations saturate, so an unseen image cannot wrap around.
 */
export function digitsNetwork(options: NetworkOptions): tf.LayersModel {
  const { shape, classes, inputFormat, n, threshold, seed, betaN = penalties.betaN } = options;
  let layer = 0;
  const kernelInitializer = (): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: seed * 16 + layer++ });
  const positive = { k0: false, i0: 1, f0: 7 } as const;
  const perChannel = { ...positive, heterogeneousAxis: [-1] };
  const perTensor = { ...positive, heterogeneousAxis: [] };
  // Hits of the digits lie three pixels apart, so a 5 × 5 window sees one: without a bias, a filter whose centre starts out negative is dead.
  const aliveBias = (value: number): ReturnType<typeof tf.initializers.constant> => tf.initializers.constant({ value });
  const { beta: beta0, betaMaskedE, tauThreshold } = penalties;
  return layerConfigScope({ beta0 }, () =>
    quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>
      quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, () => {
        const input = tf.input({ shape: [...shape], name: 'image' });
        const pixels = quantizer({
          name: 'pixels',
          config: {
            k0: inputFormat.k === 1,
            i0: inputFormat.i,
            f0: inputFormat.f,
            heterogeneousAxis: [],
            trainable: false,
          },
        }).apply(input);
        const reduced = inputReduce({ name: 'reduce', n, threshold, betaN, betaMaskedE, tauThreshold }).apply(pixels);
        const conv1 = qConv2DSparse({
          name: 'conv1',
          filters: 4,
          kernelSize: 5,
          activation: 'relu',
          biasInitializer: aliveBias(0.25),
          kernelInitializer: kernelInitializer(),
          iqConf: { ...perChannel, k0: inputFormat.k === 1 },
        }).apply(reduced as tf.SymbolicTensor[]);
        const pool1 = averagePooling2DSparse({ name: 'pool1', poolSize: 2 }).apply([
          conv1 as tf.SymbolicTensor,
          (reduced as tf.SymbolicTensor[])[1],
        ]) as tf.SymbolicTensor[];
        const conv2 = qConv2DSparse({
          name: 'conv2',
          filters: 4,
          kernelSize: 3,
          activation: 'relu',
          biasInitializer: aliveBias(0.1),
          kernelInitializer: kernelInitializer(),
          iqConf: perChannel,
        }).apply(pool1) as tf.SymbolicTensor;
        const pool2 = averagePooling2DSparse({ name: 'pool2', poolSize: 2 }).apply([
          conv2,
          pool1[1],
        ]) as tf.SymbolicTensor[];
        const flat = sparseFlatten({ name: 'flatten' }).apply(pool2);
        const hidden = qDense({
          name: 'dense1',
          units: 24,
          activation: 'relu',
          kernelInitializer: kernelInitializer(),
          iqConf: perTensor,
        }).apply(flat);
        const logits = qDense({
          name: 'dense2',
          units: classes,
          kernelInitializer: kernelInitializer(),
          iqConf: perTensor,
        }).apply(hidden);
        return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor, name: 'digits' });
      }),
    ),
  );
}
