import { totalEbops } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { exampleNetwork } from '../network.ts';
import { tracksPreset } from '../presets.ts';
import { copyWeights, denseNetwork } from './dense-networks.ts';

const { architecture } = tracksPreset;
const shape = [16, 16, 2] as const;
const common = { architecture, shape, classes: 3, inputFormat: { k: 0, i: 0, f: 5 }, seed: 1 } as const;

/** Of the kernel of `layer`, as it is drawn first. */
function kernel(model: tf.LayersModel, layer: string): readonly number[] {
  const weight = model.getLayer(layer).weights.find(({ name }) => /\/kernel(_\d+)?$/.test(name));
  if (weight === undefined) throw new Error(`${layer} has no kernel`);
  return [...weight.read().dataSync()];
}

it('starts from the kernels of the sparse network, and so does the one in floating point', () => {
  const sparse = exampleNetwork({ ...common, n: 256, threshold: 0 });
  for (const numbers of ['quantised', 'float'] as const) {
    const dense = denseNetwork({ ...common, beta: 1e-9, numbers });
    for (const layer of ['conv1', 'conv2', 'dense1', 'dense2']) {
      expect(kernel(dense, layer)).toEqual(kernel(sparse, layer));
    }
  }
});

it('costs what a sparse network costs that computes every pixel, and its biases, as in HGQ2', () => {
  const sparse = exampleNetwork({ ...common, n: 256, threshold: 0 });
  const dense = denseNetwork({ ...common, beta: 1e-9, numbers: 'quantised' });
  expect(totalEbops(dense)).toBeGreaterThan(1e6);
  const biases = 8 * (16 * 16 * architecture.conv1.filters + 8 * 8 * architecture.conv2.filters);
  expect(totalEbops(dense)).toBe(totalEbops(sparse) + biases);
  expect(totalEbops(denseNetwork({ ...common, beta: 0, numbers: 'float' }))).toBe(0);
});

it('gives an image without an empty pixel what the sparse network gives', () => {
  const sparse = exampleNetwork({ ...common, n: 256, threshold: 0 });
  const dense = denseNetwork({ ...common, beta: 1e-9, numbers: 'quantised' });
  copyWeights(dense, sparse); // their biases start differently
  const image = tf.tensor(
    Array.from({ length: 512 }, (_, p) => (1 + ((p * 37) % 31)) / 32),
    [1, ...shape],
  );
  const outputs = [sparse, dense].map((model) => [...(model.predict(image) as tf.Tensor).dataSync()]);
  expect(new Set(outputs[0]).size).toBeGreaterThan(1);
  expect(outputs[1]).toEqual(outputs[0]);
});

it('goes on from the weights in floating point', () => {
  const float = denseNetwork({ ...common, seed: 2, beta: 0, numbers: 'float' });
  const dense = denseNetwork({ ...common, beta: 1e-9, numbers: 'quantised' });
  copyWeights(float, dense);
  for (const layer of ['conv1', 'conv2', 'dense1', 'dense2'])
    expect(kernel(dense, layer)).toEqual(kernel(float, layer));
});
