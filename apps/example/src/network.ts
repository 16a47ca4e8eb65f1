import {
  averagePooling2DSparse,
  inputReduce,
  layerConfigScope,
  type QConv2DSparse,
  qConv2DSparse,
  qDense,
  quantizer,
  quantizerConfigScope,
  sparseFlatten,
} from '@sp/layers';
import type { Format } from '@sp/quant';
import type { ImageShape } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** Sizes of the example's layers. */
export interface Architecture {
  readonly name: string;
  /** Filters and side of the kernel of the two sparse convolutions, and the side of the pooling that follows. */
  readonly conv1: ConvSizes;
  readonly conv2: ConvSizes;
  /** Units of the hidden dense layer. */
  readonly hidden: number;
}

interface ConvSizes {
  readonly filters: number;
  readonly kernel: number;
  readonly pool: number;
}

/** Sizes for the digits, and for users' images. */
export const digitsArchitecture: Architecture = {
  name: 'digits',
  conv1: { filters: 4, kernel: 5, pool: 2 },
  conv2: { filters: 4, kernel: 3, pool: 2 },
  hidden: 24,
};

/** What the user decides about the network. */
export interface NetworkOptions {
  /** Default `digitsArchitecture`. */
  readonly architecture?: Architecture;
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
  /** Weights of the penalties in the loss; what is left out is as in `digitsPenalties`. */
  readonly penalties?: Partial<Penalties>;
}

/** Weights of the penalties in the loss, and how they are learned. */
export interface Penalties {
  /** Of the EBOPs, in every layer. */
  readonly beta: number;
  /** Of the pixel budget. */
  readonly betaN: number;
  /** Of the share of intensity that the reduction drops: holds the threshold back from swallowing the signal. */
  readonly betaMaskedE: number;
  /** Softness of the threshold while it is learned. */
  readonly tauThreshold: number;
}

/** For the digits, and for users' images; the threshold is as soft as half a step of the digits' intensity. */
export const digitsPenalties: Penalties = { beta: 3e-7, betaN: 8e-3, betaMaskedE: 1, tauThreshold: 0.03 };

/**
 * The example's network: input reduction, two sparse convolutions with relu, each followed by average pooling, and two dense layers (relu, then one
 * logit per class). All formats are learned: weights and biases have one each, activations one per channel on the sparse path and one per tensor
 * behind it. Activations saturate, so an unseen image cannot wrap around.
 */
export function exampleNetwork(options: NetworkOptions): tf.LayersModel {
  const { architecture = digitsArchitecture, shape, classes, inputFormat, n, threshold, seed } = options;
  const { name, hidden } = architecture;
  const { beta: beta0, ...reduction } = { ...digitsPenalties, ...options.penalties };
  let layer = 0;
  const kernelInitializer = (): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed: seed * 16 + layer++ });
  const { k } = inputFormat;
  const positive = { k0: false, i0: 1, f0: 7 } as const;
  const perChannel = { ...positive, heterogeneousAxis: [-1] };
  const perTensor = { ...positive, heterogeneousAxis: [] };
  const convolution = (of: 'conv1' | 'conv2', bias: number, k0: boolean): QConv2DSparse =>
    qConv2DSparse({
      name: of,
      filters: architecture[of].filters,
      kernelSize: architecture[of].kernel,
      activation: 'relu',
      // Where hits lie further apart than the window, a filter whose centre starts out negative is dead without a bias.
      biasInitializer: tf.initializers.constant({ value: bias }),
      kernelInitializer: kernelInitializer(),
      iqConf: { ...perChannel, k0 },
    });
  return layerConfigScope({ beta0 }, () =>
    quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>
      quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, () => {
        const input = tf.input({ shape: [...shape], name: 'image' });
        const pixels = quantizer({
          name: 'pixels',
          config: { k0: k === 1, i0: inputFormat.i, f0: inputFormat.f, heterogeneousAxis: [], trainable: false },
        }).apply(input);
        const [x, mask] = inputReduce({ name: 'reduce', n, threshold, ...reduction }).apply(pixels);
        const conv1 = convolution('conv1', 0.25, k === 1).apply([x, mask]);
        const poolSize = architecture.conv1.pool;
        const [pool1, mask1] = averagePooling2DSparse({ name: 'pool1', poolSize }).apply([conv1, mask]);
        const conv2 = convolution('conv2', 0.1, false).apply([pool1, mask1]);
        const pool2 = averagePooling2DSparse({ name: 'pool2', poolSize: architecture.conv2.pool });
        const flat = sparseFlatten({ name: 'flatten' }).apply(pool2.apply([conv2, mask1]));
        const dense1 = qDense({
          name: 'dense1',
          units: hidden,
          activation: 'relu',
          kernelInitializer: kernelInitializer(),
          iqConf: perTensor,
        }).apply(flat);
        const logits = qDense({
          name: 'dense2',
          units: classes,
          kernelInitializer: kernelInitializer(),
          iqConf: perTensor,
        }).apply(dense1);
        return tf.model({ inputs: input, outputs: logits, name });
      }),
    ),
  );
}
