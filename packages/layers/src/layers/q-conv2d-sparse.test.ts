import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sparseImages } from '../../test/support/default-network.ts';
import { type QConv2DSparse, qConv2DSparse, setBackend } from '../index.ts';
import type { FixedQuantizer } from '../quantizer/fixed-quantizer.ts';
import type { QConv2DSparseArgs } from './q-conv2d-sparse.ts';

beforeAll(() => setBackend('cpu'));

const free = { enableIq: false, kqConf: { qType: 'dummy' }, bqConf: { qType: 'dummy' } } as const;

function built(args: QConv2DSparseArgs, image: readonly [number, number, number]): QConv2DSparse {
  const layer = qConv2DSparse(args);
  const [height, width, channels] = image;
  layer.apply([tf.input({ shape: [height, width, channels] }), tf.input({ shape: [height, width, 1] })]);
  return layer;
}

describe('qConv2DSparse', () => {
  it('computes the masked convolution with bias on non-zero sums only, against a plain loop', () => {
    const random = seededRandom(3);
    const [height, width, channels, filters, rows, columns] = [5, 6, 2, 3, 3, 5];
    const layer = built({ ...free, filters, kernelSize: [rows, columns], activation: 'relu' }, [
      height,
      width,
      channels,
    ]);
    const numbers = (count: number): number[] => Array.from({ length: count }, () => Math.round(random() * 16 - 8) / 8);
    const kernel = numbers(rows * columns * channels * filters);
    const bias = [0.5, 0.25, -0.125];
    layer.kernel.write(tf.tensor(kernel, [rows, columns, channels, filters]));
    layer.bias!.write(tf.tensor(bias));
    const x = numbers(height * width * channels);
    const mask = Array.from({ length: height * width }, () => (random() < 0.3 ? 1 : 0));
    const y = layer.apply([
      tf.tensor4d(x, [1, height, width, channels]),
      tf.tensor4d(mask, [1, height, width, 1]),
    ]) as tf.Tensor;
    const expected: number[] = [];
    for (let r = 0; r < height; r++) {
      for (let q = 0; q < width; q++) {
        for (let f = 0; f < filters; f++) {
          let sum = 0;
          for (let a = 0; a < rows; a++) {
            for (let b = 0; b < columns; b++) {
              const [row, column] = [r + a - 1, q + b - 2];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              const pixel = row * width + column;
              for (let c = 0; c < channels; c++) {
                sum += mask[pixel] * x[pixel * channels + c] * kernel[((a * columns + b) * channels + c) * filters + f];
              }
            }
          }
          if (sum !== 0) sum += bias[f];
          expected.push(Math.max(0, sum) * mask[r * width + q]);
        }
      }
    }
    expect([...y.dataSync()].map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
    expect(expected.filter((value) => value > 0).length).toBeGreaterThan(5);
  });

  it('gives no bias where terms cancel exactly, and none to its gradient', () => {
    const layer = built({ ...free, filters: 1, kernelSize: 3 }, [1, 2, 1]);
    layer.kernel.write(tf.tensor([0, 0, 0, 0, 1, 1, 0, 0, 0], [3, 3, 1, 1]));
    layer.bias!.write(tf.tensor([0.5]));
    const inputs = [tf.tensor4d([1, -1], [1, 1, 2, 1]), tf.ones([1, 1, 2, 1])];
    expect([...(layer.apply(inputs) as tf.Tensor).dataSync()]).toEqual([0, -0.5]);
    const { grads } = tf.variableGrads(() => tf.sum(layer.apply(inputs, { training: true }) as tf.Tensor) as tf.Scalar);
    expect(grads[layer.bias!.name].dataSync()[0]).toBe(1);
  });

  it('counts the EBOPs of the convolution, padding excluded', () => {
    const iqConf = { i0: 2, f0: 3, overflowMode: 'SAT_SYM' } as const;
    const layer = built({ filters: 2, kernelSize: 3, iqConf, kqConf: { b0: 4, i0: 2 } }, [6, 5, 3]);
    expect(layer.ebops).toBe(25320 - 360);
    layer.ebopsFactor = 0.25;
    expect(layer.ebops).toBe((25320 - 360) / 4);
    const one = built(
      { filters: 2, kernelSize: 3, iqConf, kqConf: { b0: 4, i0: 2 }, parallelizationFactor: 1 },
      [6, 5, 3],
    );
    expect(one.ebops).toBe((25320 - 360) / 30);
  });

  it('adds beta times EBOPs to the loss, differentiable in every bit width', () => {
    const layer = built(
      { filters: 2, kernelSize: 3, beta0: 1e-3, iqConf: { i0: 2, f0: 3, fr: 0 }, kqConf: { br: 0 }, bqConf: { br: 0 } },
      [4, 4, 1],
    );
    const loss = (): number => layer.calculateLosses()[0].dataSync()[0];
    expect(loss()).toBeCloseTo(layer.ebops * 1e-3, 3);
    layer.beta = 2e-3;
    expect(loss()).toBeCloseTo(layer.ebops * 2e-3, 3);
    const { state } = layer.kq as FixedQuantizer;
    const { grads } = tf.variableGrads(() => layer.calculateLosses()[0] as tf.Scalar, [state.width.variable]);
    const before = layer.ebops;
    const values = state.width.values.slice();
    values[7]++;
    state.width.assign(values);
    expect(grads[state.width.variable.name].dataSync()[7]).toBeCloseTo((layer.ebops - before) * 2e-3, 6);
  });

  it.each([
    [{ kernelSize: 0 }, /kernelSize = 0; expected one or two whole numbers/],
    [{ kernelSize: 3, groups: 3 }, /groups = 3; expected a whole number that divides filters = 2/],
    [{ kernelSize: 3, strides: 2 }, /strides must be 1/],
    [{ kernelSize: 3, padding: 'valid' }, /padding 'valid'/],
    [{ kernelSize: 3, activation: 'softmax' }, /softmax over the channels/],
    [{ kernelSize: 3, activation: 'sigmod' }, /unknown activation 'sigmod'/],
    [{ kernelSize: 3, filters: 0 }, /filters = 0/],
  ])('refuses %j', (args, message) => {
    expect(() => qConv2DSparse({ filters: 2, ...args, name: 'c' })).toThrow(message);
  });

  it.each([
    { kernelSize: [2, 2] },
    { kernelSize: [4, 1] },
    { kernelSize: [3, 3], dilationRate: 2 },
    { kernelSize: [2, 3], dilationRate: [3, 1] },
    { kernelSize: [3, 2], groups: 2 },
  ])('pads, dilates and groups as TensorFlow does: %j', (args) => {
    const layer = built({ ...free, filters: 4, ...args, useBias: false }, [7, 6, 2]);
    const x = tf.randomUniform([2, 7, 6, 2], -1, 1, 'float32', 3) as tf.Tensor4D;
    const mask = tf.cast(tf.greater(tf.randomUniform([2, 7, 6, 1], 0, 1, 'float32', 5), 0.5), 'float32');
    const groups = args.groups ?? 1;
    const dilations = [args.dilationRate ?? 1].flat() as [number, number];
    const [kernels, parts] = [layer.kernel.read(), tf.split(tf.mul(x, mask), groups, 3)];
    const expected = tf.concat(
      tf
        .split(kernels, groups, 3)
        .map((kernel, g) =>
          tf.conv2d(
            parts[g] as tf.Tensor4D,
            kernel as tf.Tensor4D,
            1,
            'same',
            'NHWC',
            dilations[1] == null ? dilations[0] : dilations,
          ),
        ),
      3,
    );
    const y = layer.apply([x, mask]) as tf.Tensor;
    const difference = tf.max(tf.abs(tf.sub(y, tf.mul(expected, mask)))).dataSync()[0];
    expect(difference).toBeLessThan(1e-6);
  });

  it('quantises the sums inside: before bias, test for 0, activation and mask', () => {
    const oqConf = { i0: 3, f0: 0, overflowMode: 'SAT', heterogeneousAxis: [] } as const;
    const layer = built({ ...free, filters: 1, kernelSize: 1, enableOq: true, oqConf }, [1, 4, 1]);
    layer.kernel.write(tf.tensor(1, [1, 1, 1, 1]));
    (layer.bias as tf.LayerVariable).write(tf.tensor1d([0.25]));
    const x = tf.tensor4d([0.75, 0.25, -1.6, 2], [1, 1, 4, 1]);
    const mask = tf.tensor4d([1, 1, 1, 0], [1, 1, 4, 1]);
    // 0.25 rounds to 0 and gets no bias; quantised at the end it would be 0.5 → 1.
    expect([...(layer.apply([x, mask]) as tf.Tensor).dataSync()].map((v) => v + 0)).toEqual([1.25, 0, -1.75, 0]);
  });

  it('keeps empty pixels empty under an activation that does not', () => {
    const layer = built({ ...free, filters: 1, kernelSize: 1, activation: 'sigmoid' }, [1, 2, 1]);
    const y = layer.apply([tf.zeros([1, 1, 2, 1]), tf.tensor4d([1, 0], [1, 1, 2, 1])]) as tf.Tensor;
    expect([...y.dataSync()]).toEqual([0.5, 0]);
  });

  it('asks for the mask when it is missing or not that of the features', () => {
    const x = tf.input({ shape: [4, 4, 1] });
    expect(() => qConv2DSparse({ filters: 1, kernelSize: 3, name: 'c' }).apply(x)).toThrow(
      /Layer 'c': expected \[x, mask\]/,
    );
    const small = tf.input({ shape: [2, 2, 1] });
    expect(() => qConv2DSparse({ filters: 1, kernelSize: 3, name: 'c' }).apply([x, small])).toThrow(
      /Use the mask that came/,
    );
  });

  it('gives the same on the wasm backend', async () => {
    const images = sparseImages(4, 8, 5, 0.2).dataSync();
    const results: number[][] = [];
    for (const backend of ['cpu', 'wasm'] as const) {
      await setBackend(backend);
      const layer = built(
        { filters: 2, kernelSize: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }) },
        [8, 8, 1],
      );
      const x = tf.tensor4d(images, [4, 8, 8, 1]);
      const mask = tf.cast(tf.greater(x, 0), 'float32');
      results.push([...(layer.apply([x, mask]) as tf.Tensor).dataSync()].map((value) => value + 0));
    }
    await setBackend('cpu');
    expect(results[0]).toEqual(results[1]);
  });
});
