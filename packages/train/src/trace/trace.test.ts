import {
  collectQLayers,
  inputReduce,
  modelState,
  qConv1D,
  qConv2D,
  qConv2DSparse,
  qDense,
  setBackend,
  totalEbops,
  traceMinMax,
} from '@sp/layers';
import { conv2dCost, namedVariables, setVariable } from '@sp/layers/internal';
import type { FormatTable } from '@sp/quant/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import type { Dataset } from '../data/dataset.ts';
import { predictAll } from '../fit/evaluate.ts';
import { fit } from '../fit/fit.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { bopsTable, totalBops } from './bops-table.ts';
import { calibratedBops } from './calibrated-bops.ts';
import { resetMinMax } from './reset-min-max.ts';
import { traceMinMaxStream } from './trace-min-max-stream.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

function write(model: tf.LayersModel, name: string, values: readonly number[]): void {
  const variable = namedVariables(model).get(name);
  if (variable === undefined) throw new Error(`no ${name}`);
  setVariable(variable, Float32Array.from(values));
}

/** A dense layer whose input quantizer has one format per feature, with given fraction bits. */
function denseModel(fractions: readonly number[], units = 1): tf.LayersModel {
  const model = tf.sequential();
  model.add(
    qDense({
      name: 'dense',
      units,
      inputShape: [fractions.length],
      iqConf: { qType: 'kif', overflowMode: 'WRAP', homogeneousAxis: [0], roundMode: 'RND' },
      kqConf: { qType: 'kbi', b0: 8, i0: 3, overflowMode: 'SAT_SYM' },
    } as Parameters<typeof qDense>[0]),
  );
  model.build();
  write(model, 'dense/iq/f', fractions);
  return model;
}

/** Formats of the first layer's input quantizer. */
function inputFormats(model: tf.LayersModel): FormatTable {
  const formats = collectQLayers(model)[0].iq?.formats(true);
  if (formats == null) throw new Error('no formats');
  return formats;
}

describe('traceMinMax with a cover factor', () => {
  const rows = tf.tensor2d([
    [-1, 0, 0.3],
    [3, 0.5, 1.4],
  ]);

  it.each([
    // Feature 0 is the reference's example: range −1 … 3 with one fraction bit (hgq1 §7.3). The others are never negative.
    [1, 1, 2],
    [1.5, 1, 3],
    [0.25, 0, 1],
  ])('%d gives the reference ranges', (coverFactor, k, i) => {
    const model = denseModel([1, 1, 1]);
    expect(traceMinMax(model, rows, { coverFactor })).toBe(totalEbops(model));
    const formats = inputFormats(model);
    expect([formats.k, formats.i[0], formats.f]).toEqual([[k, 0, 0], i, [1, 1, 1]]);
  });

  it('of 1 is the plain trace, whatever the batches, and leaves the quantizers as they were', () => {
    const model = smallSparseModel();
    const { images, ...rest } = upperOrLower(20, 1);
    const data: Dataset = { images, ...rest };
    const tensor = tf.tensor4d(images, [20, 6, 6, 1]);
    traceMinMax(model, tensor);
    const expected = collectQLayers(model).map(({ iq }) => iq?.formats(true));
    traceMinMax(model, data, { batchSize: 7 });
    expect(collectQLayers(model).map(({ iq }) => iq?.formats(true))).toEqual(expected);
    const outputs = predictAll(model, data);
    const before = tf.memory().numTensors;
    traceMinMax(model, data, { coverFactor: 1.0001, batchSize: 7 });
    expect(tf.memory().numTensors).toBe(before);
    expect(predictAll(model, data)).toEqual(outputs);
    for (const { quantizers } of collectQLayers(model)) {
      for (const quantizer of quantizers.values()) expect(Object.hasOwn(quantizer, 'call')).toBe(false);
    }
  });

  it('covers what sparse convolutions see', () => {
    const model = smallSparseModel();
    const data = upperOrLower(20, 1);
    traceMinMax(model, data);
    const [plain] = inputFormats(model).i;
    traceMinMax(model, data, { coverFactor: 9 });
    expect(inputFormats(model).i).toEqual([plain + 3]);
    expect(inputFormats(model).k).toEqual([0]);
  });

  it('restores the quantizers when the data are wrong, and refuses senseless factors', () => {
    const model = smallSparseModel();
    expect(() => traceMinMax(model, tf.zeros([2, 5, 5, 1]), { coverFactor: 2 })).toThrow();
    expect(collectQLayers(model).some(({ iq }) => iq != null && Object.hasOwn(iq, 'call'))).toBe(false);
    expect(() => traceMinMax(model, rows, { coverFactor: 0 })).toThrow('coverFactor 0');
    expect(() => traceMinMax(model, rows, { coverFactor: 0.5, reset: false })).toThrow('needs reset');
    const misspelt = { coverfactor: 2 } as object;
    expect(() => traceMinMax(model, rows, misspelt)).toThrow(
      "traceMinMax: unknown option 'coverfactor', did you mean 'coverFactor'?",
    );
    expect(() => calibratedBops(upperOrLower(4, 1), misspelt)).toThrow("calibratedBops: unknown option 'coverfactor'");
    const { shape } = upperOrLower(4, 1);
    expect(() => traceMinMax(model, { images: new Float32Array(37), shape })).toThrow(
      '37 numbers; expected a multiple of 6 × 6 × 1',
    );
  });
});

describe('bopsTable', () => {
  it('gives the reference cost of a dense layer', () => {
    // Input widths 2 and 4, minimal kernel widths [[2, 1], [1, 2]] (hgq1 §7.4).
    const model = denseModel([1, 2], 2);
    write(model, 'dense/kernel', [0.75, -0.5, 0.25, 1.5]);
    traceMinMax(
      model,
      tf.tensor2d([
        [0.3, -0.6],
        [1.2, 0.9],
      ]),
    );
    expect(bopsTable(model)).toEqual([{ layer: 'dense', bops: 18, factor: 1 }]);
    write(model, 'dense/kernel', [0, 0, 0, 1]);
    expect(totalBops(model)).toBe(4);
  });

  // Exact widths of the reference's weights (hgq1 §7.3).
  it.each([
    [0.75, 2],
    [-0.5, 1],
    [0.25, 1],
    [1.5, 2],
    [3, 2],
    [2, 1],
    [0, 0],
    [0.625, 3],
    [-1, 1],
  ])('counts weight %d as %d bits', (weight, bits) => {
    const model = denseModel([0]);
    write(model, 'dense/kernel', [weight]);
    traceMinMax(model, tf.tensor2d([[1]]));
    expect(totalBops(model)).toBe(bits);
  });

  it.each([
    ['valid', 1, 9],
    ['valid', 3, 27],
    ['same', 1, 8.25],
    ['same', -1, 33],
  ])('gives the reference cost of a convolution: %s, %d in parallel', (padding, parallelizationFactor, bops) => {
    const model = tf.sequential();
    const iqConf = { qType: 'kif', overflowMode: 'SAT', k0: false, i0: 1, f0: 2 } as const;
    const settings = { filters: 1, kernelSize: 2, padding, parallelizationFactor, iqConf, name: 'conv' };
    model.add(qConv1D({ ...settings, inputShape: [4, 1] } as Parameters<typeof qConv1D>[0]));
    model.build();
    // Minimal widths 2 and 1 (hgq1 §7.6).
    write(model, 'conv/kernel', [0.75, 0.5]);
    expect(bopsTable(model)).toEqual([{ layer: 'conv', bops, factor: 1 }]);
  });

  it('equals a convolution of the widths', () => {
    const x = tf.randomUniform([1, 6, 5, 4], 0, 9, 'int32', 1).toFloat() as tf.Tensor4D;
    const w = tf.randomUniform([3, 2, 4, 3], 0, 9, 'int32', 2).toFloat() as tf.Tensor4D;
    const v = tf.randomUniform([3, 2, 2, 6], 0, 9, 'int32', 3).toFloat() as tf.Tensor4D;
    const layer = qConv2D({
      filters: 3,
      kernelSize: [3, 2],
      padding: 'same',
      strides: 2,
      inputShape: [6, 5, 4],
    } as Parameters<typeof qConv2D>[0]);
    tf.sequential({ layers: [layer] }).build();
    const expected = tf.sum(tf.conv2d(x, w, 2, 'same')).dataSync()[0];
    const { rows, columns, channels } = layer.windows;
    const cost = (weights: tf.Tensor, filters: number, groups: number): number => {
      const [bits, wBits] = [x, weights].map((tensor) => Float64Array.from(tensor.dataSync()));
      return conv2dCost(bits, wBits, rows, columns, channels, filters, groups).value;
    };
    expect(cost(w, 3, 1)).toBe(expected);
    // Two groups are two convolutions of half the channels with half the filters.
    const pair = [0, 1].map((group) =>
      tf.sum(
        tf.conv2d(x.slice([0, 0, 0, 2 * group], [1, 6, 5, 2]), v.slice([0, 0, 0, 3 * group], [3, 2, 2, 3]), 2, 'same'),
      ),
    );
    expect(cost(v, 6, 2)).toBe(tf.addN(pair).dataSync()[0]);
  });

  it.each([
    ['an even kernel', { kernelSize: 2 }],
    ['gaps', { kernelSize: 3, dilationRate: 2 }],
    ['groups', { kernelSize: 3, groups: 2 }],
  ])('counts sparse convolutions with %s as the dense ones that they are', (_, settings) => {
    const iqConf = { qType: 'kif', overflowMode: 'SAT', k0: false, i0: 1, f0: 2, heterogeneousAxis: [] } as const;
    const common = { filters: 4, iqConf, ...settings };
    const [sparse, dense] = [
      qConv2DSparse({ ...common, name: 'sparse' }),
      qConv2D({ ...common, padding: 'same', name: 'dense' }),
    ];
    const image = tf.input({ shape: [6, 7, 2] });
    const [x, mask] = inputReduce({ n: 5, threshold: 0.1 }).apply(image);
    const model = tf.model({ inputs: image, outputs: [sparse.apply([x, mask]), dense.apply(x)] });
    const values = Array.from({ length: dense.kernel.read().size }, (_unused, j) => ((j * 7) % 16) / 16 - 0.5);
    for (const name of ['sparse', 'dense']) write(model, `${name}/kernel`, values);
    const [ofSparse, ofDense] = ['sparse', 'dense'].map(
      (name) => bopsTable(model).find(({ layer }) => layer === name)?.bops,
    );
    expect(ofSparse).toBeGreaterThan(0);
    expect(ofSparse).toBe(ofDense);
  });

  it('scales sparse convolutions by their EBOPs factor', () => {
    const model = smallSparseModel();
    traceMinMax(model, upperOrLower(8, 1));
    const [full] = bopsTable(model);
    collectQLayers(model)[0].ebopsFactor = 0.25;
    expect(bopsTable(model)[0]).toEqual({ layer: 'conv', bops: full.bops / 4, factor: 0.25 });
    // Exact widths never exceed the formats, and nothing else is counted.
    expect(full.bops).toBeGreaterThan(0);
    expect(full.bops).toBeLessThanOrEqual(totalEbops(model) * 4);
  });
});

describe('calibratedBops and resetMinMax', () => {
  it('log the exact cost of the traced model', async () => {
    const model = smallSparseModel();
    const { epochs } = await fit(model, upperOrLower(32, 1), {
      epochs: 2,
      callbacks: [resetMinMax(), calibratedBops(upperOrLower(16, 2))],
    });
    expect(epochs[1]).toMatchObject({ bops: totalBops(model), ebops: totalEbops(model) });
    expect(collectQLayers(model).every(({ iq }) => iq?.traced)).toBe(true);
  });

  it('forget a range that is no longer needed, keep the sign, and leave a usable model', async () => {
    const model = denseModel([2, 2], 2);
    const data = (scale: number): Dataset => ({
      images: Float32Array.of(-scale, scale, scale, -scale),
      labels: Int32Array.of(0, 1),
      shape: [1, 2, 1],
      classes: 2,
    });
    const net = tf.sequential();
    net.add(tf.layers.flatten({ inputShape: [1, 2, 1] }));
    net.add(collectQLayers(model)[0]);
    net.build();
    traceMinMax(net, data(100));
    const i = (): unknown => inputFormats(net).i;
    expect(i()).toEqual([7, 7]);
    await fit(net, data(1), { epochs: 1 });
    expect(i()).toEqual([7, 7]);
    const { epochs } = await fit(net, data(1), { epochs: 1, callbacks: [resetMinMax()], validation: data(0.75) });
    expect(i()).toEqual([1, 1]);
    expect(inputFormats(net).k).toEqual([1, 1]);
    expect(Number.isFinite(epochs[0].valLoss)).toBe(true);
  });
});

describe('traceMinMaxStream', () => {
  it.each([1, 1.5])('leaves the model as traceMinMax does (cover factor %d)', async (coverFactor) => {
    const data = upperOrLower(50, 3);
    const [whole, streamed] = [smallSparseModel(), smallSparseModel()];
    const ebops = traceMinMax(whole, data, { coverFactor });
    expect(await traceMinMaxStream(streamed, streamDataset(data), { coverFactor, batchSize: 16 })).toBe(ebops);
    expect(modelState(streamed)).toEqual(modelState(whole));
    await expect(traceMinMaxStream(streamed, streamDataset(data), { coverFactor: 0 })).rejects.toThrow(
      'traceMinMaxStream: coverFactor 0',
    );
  });
});
