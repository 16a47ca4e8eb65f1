/** Networks and images that several benchmarks share; seeded. */
import { lower, traceMinMax } from '@sp/layers';
import { type FixedGraph, graphBuilder, type Weights } from '@sp/quant';
import { type Dataset, loadDigits, pixelFormat, randomSource } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { exampleNetwork } from '../network.ts';

/** The example's network with its initial weights, its data, and its graph. */
export async function digits(): Promise<{ model: tf.LayersModel; train: Dataset; test: Dataset; graph: FixedGraph }> {
  const { train, test } = await loadDigits();
  const { shape, classes } = train;
  const model = exampleNetwork({ shape, classes, inputFormat: pixelFormat(train), n: 24, threshold: 0.4, seed: 1 });
  const images = tf.tensor(train.images, [train.labels.length, ...shape]);
  traceMinMax(model, images);
  const graph = lower(model, { calibration: images });
  images.dispose();
  return { model, train, test, graph };
}

/** Images of `side` × `side` with exactly `active` random pixels of 1/16 … 1. */
export function randomImages(count: number, side: number, active: number, seed: number): Float32Array {
  const random = randomSource(seed);
  const images = new Float32Array(count * side * side);
  for (let image = 0; image < count; image++) {
    for (let left = active; left > 0; ) {
      const pixel = image * side * side + random.below(side * side);
      if (images[pixel] !== 0) continue;
      images[pixel] = (1 + random.below(16)) / 16;
      left--;
    }
  }
  return images;
}

/**
 * The sparse part of a detector network: reduce to `slots` pixels, two 7 × 7 convolutions with 2 filters each, 4 × 4 average pooling. Random
 * 8-bit weights.
 */
export function sparseNetwork(side: number, slots: number): FixedGraph {
  const random = randomSource(7);
  const weights = (shape: readonly number[]): Weights => ({
    shape,
    codes: Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => random.below(255) - 127),
    f: 8,
  });
  const build = graphBuilder(`sparse${side}`);
  const positive = { k: 0, i: 2, f: 6 } as const;
  const cast = { round: 'RND', overflow: 'SAT' } as const;
  const image = build.input('image', { shape: [side, side, 1], format: { k: 0, i: 1, f: 4 } });
  const list = build.reduce('reduce', image, { slots, threshold: 0 });
  const conv1 = build.sparseConv2d('conv1', list, { kernel: weights([7, 7, 1, 2]), bias: weights([2]) });
  const act1 = build.requantize('act1', build.relu('relu1', conv1), { to: positive, ...cast });
  const conv2 = build.sparseConv2d('conv2', act1, { kernel: weights([7, 7, 2, 2]), bias: weights([2]) });
  const act2 = build.requantize('act2', build.relu('relu2', conv2), { to: positive, ...cast });
  const pool = build.sparsePool2d('pool', act2, { mode: 'avg', pool: [4, 4] });
  return build.build([pool]);
}
