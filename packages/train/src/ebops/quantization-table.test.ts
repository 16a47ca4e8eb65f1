import { collectQLayers, setBackend, traceMinMax } from '@sp/layers';
import { hDense, hQuantize, hTraceMinMax } from '@sp/layers/hgq1';
import { qkerasActivation, qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { quantizationTable, totalWeightBits } from './quantization-table.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

it('quantizationTable lists every quantised tensor with its widths and zeros', () => {
  const model = smallSparseModel();
  const { images } = upperOrLower(8, 1);
  traceMinMax(model, tf.tensor4d(images, [8, 6, 6, 1]));
  const kernel = model.getLayer('conv').weights.find(({ originalName }) => originalName.endsWith('kernel'));
  kernel?.write(
    tf.tensor4d(
      Array.from({ length: 18 }, (_, j) => (j % 3 === 0 ? 0 : 0.5)),
      [3, 3, 1, 2],
    ),
  );
  const rows = quantizationTable(model);
  expect(rows.map(({ layer, role, shape }) => [layer, role, shape])).toEqual([
    ['conv', 'activations', [6, 6, 1]],
    ['conv', 'weights', [3, 3, 1, 2]],
    ['conv', 'bias', [2]],
    ['dense', 'activations', [18]],
    ['dense', 'weights', [18, 2]],
    ['dense', 'bias', [2]],
  ]);
  // Default weights: 8 bits and a sign, one format per element.
  expect(rows[1]).toMatchObject({ bits: new Array(18).fill(9), totalBits: 162, zeros: 1 / 3 });
  // Activations of one channel share one format; traced values are positive and below 1: 5 fraction bits remain.
  expect(rows[0].bits).toEqual([5]);
  expect(rows[0].totalBits).toBe(5 * 36);
  expect(totalWeightBits(rows)).toBe(rows[1].totalBits + rows[2].totalBits + rows[4].totalBits + rows[5].totalBits);
});

it('quantizationTable gives weights without bits no width, although their format has a sign', () => {
  const model = smallSparseModel();
  const bits = collectQLayers(model)[0].weights.find(({ originalName }) => originalName.endsWith('kq/b'));
  bits?.write(
    tf.tensor4d(
      Array.from({ length: 18 }, (_, j) => (j < 9 ? 0.4 : 3)),
      [3, 3, 1, 2],
    ),
  );
  const kernel = quantizationTable(model).find(({ layer, role }) => layer === 'conv' && role === 'weights');
  expect(kernel?.bits).toEqual([...new Array(9).fill(0), ...new Array(9).fill(4)]);
  expect(kernel?.zeros).toBeGreaterThanOrEqual(0.5);
});

it('quantizationTable lists what layers of HGQ v1 and QKeras quantise', () => {
  const hgq = tf.sequential({
    layers: [
      hQuantize({ name: 'q', inputShape: [2], paqConf: { initBw: 1 } }),
      hDense({
        name: 'd',
        units: 1,
        paqConf: { initBw: 2 },
        kernelInitializer: tf.initializers.constant({ value: 0.75 }),
      }),
    ],
  });
  expect(quantizationTable(hgq).filter(({ role }) => role === 'output')).toEqual([]);
  hTraceMinMax(hgq, tf.tensor2d([0.5, -0.5, 1, 1], [2, 2]));
  const rows = quantizationTable(hgq);
  expect(rows.map(({ layer, role, bits, zeros }) => [layer, role, bits, zeros])).toEqual([
    ['q', 'output', [2, 3], undefined],
    ['d', 'weights', [2, 2], 0],
    ['d', 'bias', [expect.any(Number)], 0],
    ['d', 'output', [expect.any(Number)], undefined],
  ]);

  const qkeras = tf.sequential({
    layers: [
      qkerasActivation({ name: 'a', activation: 'quantized_bits(6,1,alpha=1)', inputShape: [2] }),
      qkerasDense({
        name: 'b',
        units: 2,
        kernelQuantizer: 'quantized_bits(4,1,alpha=1)',
        biasQuantizer: 'ternary(alpha=1)',
        activation: 'quantized_relu(5,2)',
      }),
    ],
  });
  const table = quantizationTable(qkeras);
  expect(table.map(({ layer, role, bits }) => [layer, role, ...bits])).toEqual([
    ['a', 'output', 6],
    ['b', 'weights', 4],
    ['b', 'bias', 2],
    ['b', 'output', 5],
  ]);
  expect(totalWeightBits(table)).toBe(4 * 4 + 2 * 2);
});
