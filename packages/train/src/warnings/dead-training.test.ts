import { inputReduce, qConv2DSparse, qDense, setBackend, sparseFlatten } from '@sp/layers';
import { namedVariables, setVariable } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { type FitOptions, fit } from '../fit/fit.ts';
import { streamDataset } from '../stream/streaming-dataset.ts';
import { chanceWarnings } from './chance-warnings.ts';
import { printWarnings } from './print-warnings.ts';

beforeAll(() => setBackend('wasm'));

const data = upperOrLower(128, 1);

async function said(
  model: tf.LayersModel,
  options: Partial<FitOptions> = {},
  source: Parameters<typeof fit>[1] = data,
) {
  const lines: string[] = [];
  await fit(model, source, { epochs: 7, batchSize: 32, say: (line) => void lines.push(line), ...options });
  return lines;
}

function kill(model: tf.LayersModel, name: string, value = 0): tf.LayersModel {
  const variable = namedVariables(model).get(name);
  if (variable === undefined) throw new Error(`no ${name}`);
  setVariable(variable, new Float32Array(variable.size).fill(value));
  return model;
}

describe('fit tells a dead training', () => {
  it('by an accuracy at chance, with the layer where nothing passes', async () => {
    for (const engine of ['fused', 'tfjs'] as const) {
      // Images are positive: with negative weights the ReLU gives 0 only, and no gradient.
      const lines = await said(kill(smallSparseModel(), 'conv/kernel', -1), { engine, learningRate: 0.001 });
      expect(lines[0]).toMatch(
        /^warning \(epoch \d\): The accuracy is that of guessing \(\d+(\.\d+)? %\) for 5 epochs/,
      );
      expect(lines[1]).toMatch(/^warning \(epoch \d\): Layer 'conv' gives the same for all images/);
      expect(lines).toHaveLength(2);
    }
  });

  it('by weights that are all zero and bits that are gone', async () => {
    const input = tf.input({ shape: [6, 6, 1] });
    const reduced = inputReduce({ n: 5, threshold: 0.2 }).apply(input) as tf.SymbolicTensor[];
    // No bits: everything is rounded to 0.
    const kqConf = { qType: 'kbi', b0: 0, i0: 0, trainable: false } as const;
    const conv = qConv2DSparse({
      name: 'conv',
      filters: 2,
      kernelSize: 3,
      activation: 'relu',
      kqConf,
      enableEbops: true,
    });
    const features = conv.apply(reduced) as tf.SymbolicTensor;
    const flat = sparseFlatten().apply([features, reduced[1]]);
    const model = tf.model({ inputs: input, outputs: qDense({ units: 2 }).apply(flat) as tf.SymbolicTensor });
    const lines = await said(model);
    expect(lines.join('\n')).toMatch(/warning \(epoch \d\): Layer 'conv': 100 % of the quantised kernel is 0\. Give/);
    expect(lines.filter((line) => line.includes('conv'))).toHaveLength(1);
  });

  it('also of a stream, and through printWarnings, which then says it alone', async () => {
    const dead = (): tf.LayersModel => kill(smallSparseModel(), 'conv/kernel', -1);
    expect((await said(dead(), {}, streamDataset(data))).join('\n')).toContain('that of guessing');
    const written: string[] = [];
    const callbacks = [printWarnings({ write: (text) => void written.push(text) })];
    expect(await said(dead(), { callbacks })).toEqual([]);
    expect(written.join('')).toContain('that of guessing');
  });

  it('and says nothing of one that learns', async () => {
    expect(await said(smallSparseModel(), { learningRate: 1e-2, epochs: 10 })).toEqual([]);
  });
});

describe('chanceWarnings', () => {
  const epochs = (...rows: readonly (readonly [number, number])[]) =>
    rows.map(([accuracy, lossTask]) => ({ accuracy, lossTask }));
  const chance = { accuracy: 0.1, images: 900 };

  it('wants all epochs at chance, without a loss that falls', () => {
    expect(chanceWarnings(epochs([0.1, 2.3], [0.12, 2.3], [0.09, 2.29]), chance, 3)).toMatchObject([
      { kind: 'chance-accuracy', share: 0.09 },
    ]);
    expect(chanceWarnings(epochs([0.1, 2.3], [0.12, 2.3]), chance, 3)).toEqual([]);
    expect(chanceWarnings(epochs([0.1, 2.3], [0.2, 2.3], [0.1, 2.3]), chance, 3)).toEqual([]);
    expect(chanceWarnings(epochs([0.1, 2.3], [0.12, 2.2], [0.1, 2.1]), chance, 3)).toEqual([]);
    expect(chanceWarnings(epochs([0.5, 9], [0.1, 2.3], [0.1, 2.3], [0.1, 2.3]), chance, 3)).toHaveLength(1);
  });
});
