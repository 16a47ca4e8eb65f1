import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientDeviation, largestDifference, randomTensor, unquantised } from '../../test/support/compare.ts';
import { qConv1D, qConv2D, quantizerConfigScope, setBackend } from '../index.ts';
import type { QConv, QConvArgs } from './q-conv.ts';

/** Builds a layer and gives it random weights. */
function randomised(layer: QConv, shape: readonly number[]): QConv {
  layer.apply(tf.input({ shape: [...shape] }));
  layer.kernel.write(randomTensor(layer.kernel.shape as number[], 1));
  layer.bias?.write(randomTensor(layer.bias.shape as number[], 2));
  return layer;
}

/** The convolution written as loops over what Keras documents. */
function plainConv1d(x: number[][], layer: QConv, padBefore: number, length: number): number[][] {
  const [taps, perGroup, filters] = layer.kernel.shape as number[];
  const { strides, dilationRate, groups } = layer.settings;
  const kernel = layer.kernel.read().dataSync();
  const bias = layer.bias!.read().dataSync();
  return Array.from({ length }, (_, l) =>
    Array.from({ length: filters }, (_, f) => {
      const group = Math.floor(f / (filters / groups));
      let sum = bias[f];
      for (let a = 0; a < taps; a++) {
        const row = x[l * strides[0] + a * dilationRate[0] - padBefore];
        if (row == null) continue;
        for (let c = 0; c < perGroup; c++) sum += row[group * perGroup + c] * kernel[(a * perGroup + c) * filters + f];
      }
      return sum;
    }),
  );
}

const geometries = (['valid', 'same'] as const).flatMap((padding) => [
  { padding, strides: [1, 1], dilationRate: [1, 1] },
  { padding, strides: [2, 3], dilationRate: [1, 1] },
  { padding, strides: [1, 1], dilationRate: [2, 1] },
]);

describe.each(['cpu', 'wasm'] as const)('dense convolutions on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it.each(geometries)('equal tf.layers.conv2d without quantizers: %j', ({ padding, strides, dilationRate }) => {
    const common = { filters: 4, kernelSize: [3, 2], padding, strides, dilationRate, activation: 'relu' } as const;
    const layer = randomised(qConv2D({ ...unquantised, ...common }), [7, 8, 3]);
    const stock = tf.layers.conv2d({ ...common, strides: [...strides], kernelSize: [3, 2] } as never);
    const x = randomTensor([2, 7, 8, 3], 5);
    stock.apply(x);
    stock.setWeights([layer.kernel.read(), layer.bias!.read()]);
    expect(largestDifference(layer.apply(x) as tf.Tensor, stock.apply(x) as tf.Tensor)).toBeLessThan(1e-5);
    const gradient = (f: tf.layers.Layer): tf.Tensor =>
      tf.grad((a) => tf.sum(tf.square(f.apply(a, { training: true }) as tf.Tensor)))(x);
    expect(largestDifference(gradient(layer), gradient(stock))).toBeLessThan(1e-4);
  });

  it.each([
    { padding: 'valid', padBefore: 0, length: 7 },
    { padding: 'valid', strides: 2, padBefore: 0, length: 4 },
    { padding: 'valid', dilationRate: 2, padBefore: 0, length: 5 },
    { padding: 'same', padBefore: 1, length: 9 },
    { padding: 'same', strides: 2, padBefore: 1, length: 5 },
    { padding: 'same', dilationRate: 3, padBefore: 3, length: 9 },
    { padding: 'causal', padBefore: 2, length: 9 },
    { padding: 'causal', dilationRate: 2, padBefore: 4, length: 9 },
    { padding: 'causal', strides: 3, padBefore: 2, length: 3 },
    { padding: 'same', groups: 2, padBefore: 1, length: 9 },
    { padding: 'causal', groups: 4, padBefore: 2, length: 9 },
    { padding: 'valid', groups: 4, dilationRate: 2, padBefore: 0, length: 5 },
  ])('in one dimension equals plain loops: %j', ({ padBefore, length, ...options }) => {
    const layer = randomised(qConv1D({ ...unquantised, filters: 8, kernelSize: 3, ...options }), [9, 4]);
    const x = randomTensor([1, 9, 4], 8) as tf.Tensor3D;
    const expected = tf.tensor(plainConv1d(x.arraySync()[0], layer, padBefore, length), [1, length, 8].slice(1));
    const y = layer.apply(x) as tf.Tensor;
    expect(y.shape).toEqual([1, length, 8]);
    expect(layer.computeOutputShape([null, 9, 4])).toEqual([null, length, 8]);
    expect(largestDifference(tf.reshape(y, [length, 8]), expected)).toBeLessThan(1e-5);
  });

  it.each([1, 2, 4])('with %i groups equals convolutions of the parts', (groups) => {
    const layer = randomised(qConv2D({ ...unquantised, filters: 8, kernelSize: 3, groups, strides: 2 }), [7, 7, 4]);
    const x = randomTensor([2, 7, 7, 4], 4) as tf.Tensor4D;
    const kernels = tf.split(layer.kernel.read() as tf.Tensor4D, groups, 3);
    const parts = tf
      .split(x, groups, 3)
      .map((part, g) => tf.conv2d(part as tf.Tensor4D, kernels[g] as tf.Tensor4D, 2, 'valid'));
    const expected = tf.add(tf.concat(parts, 3), layer.bias!.read());
    expect(largestDifference(layer.apply(x) as tf.Tensor, expected)).toBeLessThan(1e-5);
  });

  it.each([
    { groups: 1, dilationRate: 1 },
    { groups: 2, dilationRate: 1 },
    { groups: 4, dilationRate: 1 },
    { groups: 4, dilationRate: 2 },
  ])('has the gradients that finite differences show: %j', (options) => {
    const layer = randomised(
      qConv2D({ ...unquantised, filters: 4, kernelSize: 2, padding: 'same', ...options }),
      [4, 3, 4],
    );
    const loss = (x: tf.Tensor): tf.Scalar => tf.mean(tf.square(layer.apply(x) as tf.Tensor));
    expect(gradientDeviation(loss, [randomTensor([1, 4, 3, 4], 6)])).toBeLessThan(1e-2);
    const kernel = layer.kernel.read() as tf.Variable;
    const x = randomTensor([1, 4, 3, 4], 6);
    const { grads } = tf.variableGrads(() => loss(x), [kernel]);
    const values = kernel.dataSync().slice();
    for (const j of [0, 5, values.length - 1]) {
      const at = (shift: number): number => {
        kernel.assign(
          tf.tensor(
            values.map((value, k) => (k === j ? value + shift : value)),
            kernel.shape,
          ),
        );
        return loss(x).dataSync()[0];
      };
      const slope = (at(1 / 64) - at(-1 / 64)) * 32;
      expect(grads[kernel.name].dataSync()[j]).toBeCloseTo(slope, 2);
    }
  });
});

describe('dense convolutions', () => {
  beforeAll(() => setBackend('cpu'));

  /** The example of hgq2 §7.4: forward, EBOPs, loss terms and gradients of the reference. */
  it('repeats the reference example', () => {
    const layer = quantizerConfigScope(
      { place: ['weight', 'bias'], defaultQType: 'kbi', overflowMode: 'SAT_SYM' },
      () => qConv2D({ filters: 1, kernelSize: 2, beta0: 1e-5, name: 'example' }),
    );
    const x = tf.tensor4d([1, 0.5, -0.25, 0], [1, 2, 2, 1]);
    layer.apply(tf.input({ shape: [2, 2, 1] }));
    layer.kernel.write(tf.tensor4d([0.3, -0.71, 1.6, 0.004], [2, 2, 1, 1]));
    layer.bias!.write(tf.tensor1d([0.1]));
    layer.iq!.resetRange();
    expect((layer.apply(x, { tracing: true }) as tf.Tensor).dataSync()[0]).toBe(-0.359375);
    expect(layer.ebops).toBe(176);
    const value = (name: string): tf.Variable =>
      layer.weights.find((weight) => weight.originalName.endsWith(name))!.read() as tf.Variable;
    const names = ['kernel', 'bias', 'iq/f', 'kq/b', 'kq/i', 'bq/b', 'bq/i'];
    const { grads } = tf.variableGrads(() => {
      const y = tf.sum(layer.apply(x, { training: true }) as tf.Tensor);
      return layer.calculateLosses().reduce<tf.Scalar>((sum, loss) => tf.add(sum, loss), y as tf.Scalar);
    }, names.map(value));
    const gradient = (name: string): number[] => [...grads[value(name).name].dataSync()];
    const close = (name: string, expected: number[]): void => {
      for (const [j, g] of gradient(name).entries()) expect(g, name).toBeCloseTo(expected[j], 8);
    };
    close('kernel', [1, 0.5, -0.25, 0]);
    close('bias', [1]);
    close('iq/f', [8.001e-5, 8.001e-5, 8.001e-5, 1e-8]);
    close('kq/b', [0.0022361031, -0.0023226759, -0.0010330365, 1e-8]);
    close('kq/i', [-0.0021660931, 0.0023826859, 0.0010830465, 0]);
    close('bq/b', [0.0043721809]);
    close('bq/i', [-0.0043321708]);
  });

  it('quantises before padding, so causal works with one format per position', () => {
    const layer = qConv1D({ filters: 2, kernelSize: 3, padding: 'causal', name: 'causal' });
    const x = randomTensor([3, 6, 2], 1);
    layer.apply(tf.input({ shape: [6, 2] }));
    layer.apply(x, { tracing: true });
    expect(layer.iq!.formats(true)!.shape).toEqual([6, 2]);
    expect((layer.apply(x) as tf.Tensor).shape).toEqual([3, 6, 2]);
    expect(layer.ebops).toBeGreaterThan(0);
  });

  const shape = [6, 5, 3];
  const refusals: [string, Partial<QConvArgs>, RegExp][] = [
    ['filters', { filters: 0 }, /Layer 'bad': filters = 0; expected a whole number/],
    ['kernel sizes', { kernelSize: [3, 3, 3] }, /kernelSize = \[3,3,3\]; expected one number or a list of 2/],
    ['causal in two dimensions', { padding: 'causal' }, /padding = 'causal'; expected 'valid' or 'same'/],
    [
      'other data formats',
      { dataFormat: 'channelsSomewhere' },
      /dataFormat = 'channelsSomewhere'; expected 'channelsLast' or/,
    ],
    ['strides with dilation', { strides: 2, dilationRate: 2 }, /strides 2×2 with dilationRate 2×2.*one of the two/],
    ['groups of filters', { groups: 3 }, /filters = 4 is no multiple of groups = 3/],
    ['groups of channels', { groups: 2 }, /3 input channels cannot be split into 2 groups/],
    ['large kernels', { kernelSize: 7 }, /a window of 7 does not fit into 6 positions/],
    ['other bias costs', { biasEbops: 'none' as 'input' }, /biasEbops = 'none'/],
  ];
  it.each(refusals)('refuse wrong %s, naming the layer', (_, wrong, message) => {
    const make = (): unknown =>
      qConv2D({ filters: 4, kernelSize: 3, name: 'bad', ...wrong }).apply(tf.input({ shape: [...shape] }));
    expect(make).toThrow(message);
  });
});
