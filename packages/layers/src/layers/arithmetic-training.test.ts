import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gridTensor } from '../../test/support/compare.ts';
import { mismatches } from '../../test/support/mismatches.ts';
import {
  collectQLayers,
  lower,
  qAdd,
  qDense,
  qEinsum,
  qEinsumDense,
  qLeakyRelu,
  qMeanPow2,
  qSoftmax,
  qUnaryFunctionLUT,
  setBackend,
  totalEbops,
  traceMinMax,
} from '../index.ts';

type Symbolic = tf.SymbolicTensor;

/** Attention over four positions, a residual connection, a table and a classifier. */
function network(): tf.LayersModel {
  const input = tf.input({ shape: [4, 3], name: 'x' });
  const iqConf = { i0: 3, f0: 5, heterogeneousAxis: [-1] };
  const initial = (seed: number) => tf.initializers.glorotUniform({ seed });
  const project = (name: string, seed: number): Symbolic =>
    qEinsumDense({
      equation: 'bpc,cd->bpd',
      outputShape: [null, 3],
      iqConf,
      kernelInitializer: initial(seed),
      name,
    }).apply(input) as Symbolic;
  const [query, key, value] = [project('query', 1), project('key', 2), project('value', 3)];
  const scores = qEinsum({ equation: 'bpd,bqd->bpq', iqConfs: iqConf, name: 'scores' }).apply([query, key]) as Symbolic;
  const attention = qSoftmax({ expIqConf: { f0: 4, heterogeneousAxis: [] }, enableEbops: true, name: 'attention' });
  const mixed = qEinsum({ equation: 'bpq,bqd->bpd', iqConfs: iqConf, name: 'mixed' }).apply([
    attention.apply(scores) as Symbolic,
    value,
  ]);
  const sum = qAdd({ iqConfs: iqConf, name: 'sum' }).apply([input, mixed as Symbolic]) as Symbolic;
  const table = { iqConf: { i0: 2, f0: 4, heterogeneousAxis: [] }, oqConf: { b0: 6, i0: 0 } };
  const bent = qUnaryFunctionLUT({ activation: 'tanh', ...table, name: 'tanh' }).apply(sum) as Symbolic;
  const mean = qMeanPow2({ axes: 1, iqConf, name: 'mean' }).apply(bent) as Symbolic;
  const hidden = qDense({
    units: 6,
    iqConf,
    kqConf: { qType: 'float' },
    kernelInitializer: initial(4),
    name: 'hidden',
  });
  const leaky = qLeakyRelu({ name: 'leaky' }).apply(hidden.apply(mean) as Symbolic) as Symbolic;
  const logits = qDense({ units: 2, iqConf, kernelInitializer: initial(5), name: 'logits' }).apply(leaky) as Symbolic;
  return tf.model({ inputs: input, outputs: logits });
}

describe.each(['cpu', 'wasm'] as const)('a network of arithmetic layers on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('trains with stock fit without leaks, gets cheaper, and lowers bit for bit', async () => {
    const model = network();
    const x = gridTensor([64, 4, 3], 3, 4);
    // Which of the first two channels has the larger sum.
    const truth = tf.tidy(() => {
      const sums = tf.sum(x, 1) as tf.Tensor2D;
      const first = tf.greater(tf.slice(sums, [0, 0], [64, 1]), tf.slice(sums, [0, 1], [64, 1]));
      return tf.concat([tf.cast(first, 'float32'), tf.sub(1, tf.cast(first, 'float32'))], 1);
    });
    model.compile({ optimizer: tf.train.adam(0.02), loss: (y, z) => tf.losses.softmaxCrossEntropy(y, z) });
    for (const layer of collectQLayers(model)) if (layer.enableEbops) layer.beta = 3e-6;
    await model.fit(x, truth, { batchSize: 32, epochs: 1, verbose: 0, shuffle: false });
    const before = tf.memory().numTensors;
    const cost = totalEbops(model);
    const { history } = await model.fit(x, truth, { batchSize: 32, epochs: 25, verbose: 0, shuffle: false });
    expect(tf.memory().numTensors).toBe(before);
    const loss = history['loss'] as number[];
    expect(loss.at(-1)).toBeLessThan(0.6 * loss[0]);
    expect(totalEbops(model)).toBeLessThan(cost);
    traceMinMax(model, x);
    const graph = lower(model, { inputType: 'ap_fixed<6,2>' });
    const counts = mismatches(model, graph, x);
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([]);
    expect(Object.keys(counts)).toHaveLength(13);
  });
});
