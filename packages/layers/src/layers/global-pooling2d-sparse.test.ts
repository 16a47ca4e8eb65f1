import { decode, interpret } from '@sp/quant';
import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { globalAveragePooling2DSparse, globalMaxPooling2DSparse, inputReduce, lower, setBackend } from '../index.ts';

beforeAll(() => setBackend('cpu'));

const shape = [3, 5, 2] as const;
const size = shape[0] * shape[1] * shape[2];
const area = shape[0] * shape[1];

type Pixel = readonly [pixel: number, first: number, second: number];

/** Up to six pixels, each with the first channel above the threshold, the second of any sign; in sixteenths. */
function pixelsOf(seed: number): readonly Pixel[] {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const drawn = Array.from({ length: seed % 7 }, (): Pixel => [below(area), 1 + below(31), below(64) - 32]);
  return [...new Map(drawn.map((pixel) => [pixel[0], pixel])).values()];
}

function model(make: typeof globalAveragePooling2DSparse | typeof globalMaxPooling2DSparse): tf.LayersModel {
  const input = tf.input({ shape: [...shape], name: 'image' });
  const [x, mask] = inputReduce({ n: 6, threshold: 0, name: 'reduce' }).apply(input);
  return tf.model({ inputs: input, outputs: make({ name: 'global' }).apply([x, mask]) });
}

describe.each([
  ['mean', globalAveragePooling2DSparse, (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / area],
  ['maximum', globalMaxPooling2DSparse, (values: readonly number[]) => Math.max(0, ...values)],
] as const)('the %s over all pixels', (_, make, expected) => {
  it('is that of the active ones and zeros, in inference and in the graph', () => {
    const network = model(make);
    const graph = lower(network, { inputType: 'ap_fixed<6,2>' });
    const [last] = graph.nodes.slice(-1);
    for (let seed = 0; seed < 60; seed++) {
      const pixels = pixelsOf(seed);
      const image = new Float32Array(size);
      for (const [pixel, first, second] of pixels) image.set([first / 16, second / 16], 2 * pixel);
      const wanted = [0, 1].map((channel) => expected(pixels.map((pixel) => pixel[channel + 1] / 16)));
      const found = tf.tidy(() => [...(network.predict(tf.tensor4d(image, [1, ...shape])) as tf.Tensor).dataSync()]);
      expect(found).toEqual(wanted.map(Math.fround));
      const { outputs } = interpret(graph, { image: Float64Array.from(image) });
      expect([...decode(last, outputs[last.name])].map(Math.fround)).toEqual(found);
    }
    expect(network.outputs[0].shape).toEqual([null, 2]);
  });
});

it('says what it takes', () => {
  const input = tf.input({ shape: [4, 4, 1], name: 'lone' });
  expect(() => globalMaxPooling2DSparse({ name: 'top' }).apply(input)).toThrow(/Layer 'top': expected \[x, mask\]/);
});
