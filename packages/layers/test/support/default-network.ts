import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { averagePooling2DSparse, inputReduce, qConv2DSparse, qDense, sparseFlatten } from '../../src/index.ts';
import type { QuantizerLike } from '../../src/layers/q-layer.ts';

/** Settings of the test network. */
export interface NetworkOptions {
  readonly side?: number;
  readonly n?: number;
  readonly iqConf?: QuantizerLike;
  readonly denseIq?: QuantizerLike;
  readonly betaMaskedE?: number;
}

/** The default network of the examples, smaller where told. */
export function defaultNetwork(options: NetworkOptions = {}): tf.LayersModel {
  const { side = 12, n = 10, iqConf = { i0: 4, f0: 8 }, denseIq = { i0: 4, f0: 8 }, betaMaskedE = 0 } = options;
  const input = tf.input({ shape: [side, side, 1], name: 'image' });
  const [x0, mask] = inputReduce({ n, threshold: 0.3, betaMaskedE, name: 'reduce' }).apply(
    input,
  ) as tf.SymbolicTensor[];
  const conv1 = qConv2DSparse({ filters: 4, kernelSize: 5, activation: 'relu', iqConf, name: 'conv1' });
  const [x1, mask1] = averagePooling2DSparse({ poolSize: 2, name: 'pool1' }).apply([
    conv1.apply([x0, mask]) as tf.SymbolicTensor,
    mask,
  ]) as tf.SymbolicTensor[];
  const conv2 = qConv2DSparse({ filters: 4, kernelSize: 3, activation: 'relu', iqConf, name: 'conv2' });
  const pooled = averagePooling2DSparse({ poolSize: 2, name: 'pool2' }).apply([
    conv2.apply([x1, mask1]) as tf.SymbolicTensor,
    mask1,
  ]) as tf.SymbolicTensor[];
  const flat = sparseFlatten({ name: 'flatten' }).apply(pooled) as tf.SymbolicTensor;
  const hidden = qDense({ units: 24, activation: 'relu', iqConf: denseIq, name: 'dense1' }).apply(
    flat,
  ) as tf.SymbolicTensor;
  const logits = qDense({ units: 10, iqConf: denseIq, name: 'dense2' }).apply(hidden) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: logits });
}

/** Sparse images on a grid of 1/16, values 0 … 1; seeded. Image 0 is empty, image 1 is full. */
export function sparseImages(count: number, side: number, seed: number, density = 0.08): tf.Tensor4D {
  const random = seededRandom(seed);
  const values = new Float32Array(count * side * side);
  for (let j = 0; j < values.length; j++) {
    const image = Math.floor(j / (side * side));
    if (image === 0) continue;
    if (image === 1 || random() < density) values[j] = (1 + Math.floor(random() * 16)) / 16;
  }
  return tf.tensor4d(values, [count, side, side, 1]);
}

/** One-hot labels 0 … 9 in turn. */
export function labels(count: number): tf.Tensor2D {
  return tf.tidy(() =>
    tf
      .oneHot(
        tf.tensor1d(
          Array.from({ length: count }, (_, j) => j % 10),
          'int32',
        ),
        10,
      )
      .toFloat(),
  ) as tf.Tensor2D;
}

/** Compiles and trains for a few steps with stock `fit`. */
export async function trainBriefly(model: tf.LayersModel, images: tf.Tensor4D, epochs = 3): Promise<void> {
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: (truth: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(truth, logits),
  });
  const truth = labels(images.shape[0]);
  await model.fit(images, truth, { batchSize: 16, epochs, verbose: 0, shuffle: false });
  truth.dispose();
}
