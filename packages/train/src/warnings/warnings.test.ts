import { collectQLayers, setBackend, totalEbops, traceMinMax } from '@sp/layers';
import { namedVariables, setVariable } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../test/small-sparse-model.ts';
import { freeEbops } from '../callbacks/free-ebops.ts';
import { fit } from '../fit/fit.ts';
import { calibratedBops } from '../trace/calibrated-bops.ts';
import { activityWarnings } from './activity-warnings.ts';
import { ebopsWarnings } from './ebops-warnings.ts';
import { kernelWarnings } from './kernel-warnings.ts';
import type { ModelWarning } from './model-warning.ts';
import { printWarnings } from './print-warnings.ts';
import { untracedWarnings } from './untraced-warnings.ts';

beforeAll(async () => {
  await setBackend('cpu');
});

const data = upperOrLower(32, 1);

function fill(model: tf.LayersModel, name: string, value: (index: number) => number): void {
  const variable = namedVariables(model).get(name);
  if (variable === undefined) throw new Error(`no ${name}`);
  setVariable(
    variable,
    Float32Array.from({ length: variable.size }, (_, j) => value(j)),
  );
}

const short = (warnings: readonly ModelWarning[]): unknown[] =>
  warnings.map(({ kind, layer, share }) => [kind, layer, share]);

describe('warnings', () => {
  it('are none for a sound, traced model', () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    const history = [{ ebops: totalEbops(model) }];
    const all = [
      kernelWarnings(model),
      activityWarnings(model, data),
      untracedWarnings(model),
      ebopsWarnings(model, history),
    ];
    expect(all.flat()).toEqual([]);
  });

  it('name kernels that are mostly zero', () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    fill(model, 'conv/kernel', (j) => (j < 12 ? 0 : 0.5));
    expect(short(kernelWarnings(model))).toEqual([['zero-kernel', 'conv', 12 / 18]]);
    expect(kernelWarnings(model)[0].message).toContain("Layer 'conv': 66.7 % of the quantised kernel is 0");
    expect(kernelWarnings(model, 0.7)).toEqual([]);
  });

  it('name a threshold that drops the signal, and no layer behind it', () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    fill(model, 'reduce/threshold', () => 5);
    expect(short(activityWarnings(model, data))).toEqual([
      ['empty-images', 'reduce', 1],
      ['lost-intensity', 'reduce', 1],
      ['dead-layer', 'reduce', 1],
    ]);
    expect(activityWarnings(model, data)[0].message).toContain(
      "Layer 'reduce' (n 5, threshold 5) leaves no active pixel in 100 %",
    );
  });

  it('name the first dead layer of a chain, and dead channels', () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    // Negative weights and positive images: the ReLU gives 0 only.
    fill(model, 'conv/kernel', () => -1);
    expect(short(activityWarnings(model, data))).toEqual([['dead-layer', 'conv', 1]]);
    fill(model, 'conv/kernel', (j) => (j % 2 === 0 ? -1 : 1));
    expect(short(activityWarnings(model, data, { deadChannels: 0.4 }))).toEqual([['dead-channels', 'conv', 0.5]]);
    expect(activityWarnings(model, data)).toEqual([]);
    fill(model, 'dense/kernel', () => 0);
    expect(short(activityWarnings(model, data))).toEqual([['dead-layer', 'dense', 1]]);
  });

  it('name untraced layers, and leave their signal alone', async () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    await fit(model, data, { epochs: 1 });
    expect(untracedWarnings(model).map(({ layer }) => layer)).toEqual(['conv', 'dense']);
    expect(untracedWarnings(model)[0].message).toMatch(/Layer 'conv': iq.* not traced .* Run traceMinMax/);
    collectQLayers(model)[0].iq?.resetRange();
    expect(activityWarnings(model, data)).toEqual([]);
    traceMinMax(model, data);
    expect(untracedWarnings(model)).toEqual([]);
  });

  it('name EBOPs that have collapsed', () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    const now = totalEbops(model);
    expect(short(ebopsWarnings(model, [{ ebops: 200 * now }, { ebops: now }]))).toEqual([
      ['ebops-collapse', undefined, 1 / 200],
    ]);
    for (const name of ['b', 'i']) fill(model, `conv/kq/${name}`, () => 0);
    expect(short(ebopsWarnings(model))).toEqual([['zero-ebops', 'conv', 0]]);
  });

  it('leave no tensor behind', () => {
    const model = smallSparseModel();
    traceMinMax(model, data);
    activityWarnings(model, data);
    const before = tf.memory().numTensors;
    activityWarnings(model, data);
    kernelWarnings(model);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('printWarnings', () => {
  it('says each thing once, when it appears', async () => {
    const model = smallSparseModel();
    fill(model, 'conv/kernel', (j) => (j < 12 ? 0 : -1));
    const lines: string[] = [];
    await fit(model, data, {
      epochs: 3,
      learningRate: 0,
      callbacks: [freeEbops(), printWarnings({ write: (text) => void lines.push(text), data })],
    });
    expect(lines.map((line) => line.replace(/(Layer '\w+'?).*\n/, '$1'))).toEqual([
      "warning (before training): Layer 'conv'",
      "warning (before training): Layer 'conv'",
      "warning (after training): Layer 'conv'",
      "warning (after training): Layer 'dense'",
    ]);
    expect(lines[0]).toContain('66.7 %');
    expect(lines[1]).toContain('the same for all images');
  });

  it('is silent when all is well', async () => {
    const lines: string[] = [];
    await fit(smallSparseModel(), data, {
      epochs: 2,
      learningRate: 1e-3,
      callbacks: [calibratedBops(data), printWarnings({ write: (text) => void lines.push(text), data })],
    });
    expect(lines).toEqual([]);
  });
});
