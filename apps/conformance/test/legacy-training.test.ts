import { setBackend } from '@sp/layers';
import { hDense, hFreeBops, hQuantize, hResetMinMax, hTraceMinMax } from '@sp/layers/hgq1';
import type { HQuantizerConfig } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => setBackend('cpu'));

/** How many are run; three are all. */
const count = Number(process.env['SP_LEGACY_TRAININGS'] ?? 1);

/** hgq1.md §7.11: the reference's own acceptance test, a sine by four dense layers. */
it.each(
  (
    [
      ['auto', 'all'],
      ['standard_round', [0]],
      ['floor', [0]],
    ] as const
  ).slice(0, count),
)('HGQ v1 learns a sine with %s rounding and bit widths shared over %j', async (rndStrategy, skipDims) => {
  const paqConf: Partial<HQuantizerConfig> = { initBw: 8, rndStrategy, skipDims };
  const kqConf: Partial<HQuantizerConfig> = { initBw: 8, ...(skipDims === 'all' ? { skipDims: 'all' } : {}) };
  const hidden = (seed: number): tf.layers.Layer =>
    hDense({
      units: 16,
      activation: 'relu',
      beta: 5e-5,
      paqConf,
      kqConf,
      kernelInitializer: tf.initializers.glorotUniform({ seed }),
    });
  const model = tf.sequential({
    layers: [
      hQuantize({ inputShape: [1], beta: 5e-5, paqConf }),
      hidden(1),
      hidden(2),
      hidden(3),
      hDense({ units: 1, beta: 5e-5, paqConf, kqConf, kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }) }),
    ],
  });
  const x = tf.linspace(-Math.PI, Math.PI, 10_000).reshape([10_000, 1]);
  const y = tf.sin(x);
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  const bops: number[] = [];
  const free = hFreeBops(model);
  const record = {
    onEpochEnd: async (epoch: number): Promise<void> => {
      const logs: Record<string, number> = {};
      free.onEpochEnd(epoch, logs);
      bops.push(logs['bops']);
      hResetMinMax(model).onEpochEnd(epoch, logs);
    },
  };
  await model.fit(x, y, { epochs: 10, batchSize: 500, verbose: 0, callbacks: [record] });
  const error = tf.tidy(() => tf.losses.meanSquaredError(y, model.predict(x) as tf.Tensor).dataSync()[0]);
  expect(error).toBeLessThan(0.01);
  expect(hTraceMinMax(model, x)).toBeLessThan(25_000);
  const signs = bops.slice(1).map((value, j) => Math.sign(value - bops[j]));
  expect(signs.reduce((sum, sign) => sum + sign, 0) / signs.length).toBeLessThan(-0.5);
});
