import { setBackend } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import type { ModelAttributes } from './attributes/layer-attributes.ts';
import * as prune from './index.ts';

function network(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [2, 2, 1], name: 'flatten' }),
      tf.layers.dense({ name: 'out', units: 2, activation: 'softmax' }),
    ],
  });
}

function images(count: number, value = 0.5): Dataset {
  return {
    images: new Float32Array(4 * count).fill(value),
    labels: Int32Array.from({ length: count }, (_, j) => j % 2),
    shape: [2, 2, 1],
    classes: 2,
  };
}

const options = { data: images(4), validation: images(2), epochs: 2, rtol: 0.5, tuner: 'Manual', say: () => {} };

/** Message of what a call is refused with, as a program in JavaScript would make it. */
async function refusal(change: {
  readonly attributes?: unknown;
  readonly objective?: unknown;
  readonly options?: unknown;
}): Promise<string> {
  const model = network();
  const before = model.getWeights().map((weight) => weight.dataSync().slice());
  const given = {
    attributes: prune.attributesFromModel(model),
    objective: prune.parameterObjective,
    options,
    ...change,
  };
  const error = await prune
    .optimizeModel(
      model,
      given.attributes as ModelAttributes,
      given.objective as prune.ObjectiveEstimator,
      prune.constantSparsity(),
      given.options as prune.OptimizeOptions,
    )
    .then(
      () => 'nothing',
      (reason: Error) => reason,
    );
  // Refused before anything is trained.
  expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(before);
  return error instanceof Error ? `${error.name}: ${error.message}` : error;
}

describe('optimizeModel', () => {
  beforeAll(() => setBackend('cpu'));

  it.each([
    ['EBOPs', "'EBOPs'"],
    [undefined, 'undefined'],
    [null, 'object'],
    [{}, 'object'],
    [prune.ebopsObjective, 'function'],
  ])('refuses the objective %s', async (objective, found) => {
    const message = await refusal({ objective });
    expect(message).toContain(`OptionError: attributesForObjective: the objective is none (${found})`);
  });

  it.each([undefined, null, {}, []])('refuses the attributes %j', async (attributes) => {
    expect(await refusal({ attributes })).toContain('the attributes are no Map of layers');
  });

  it.each([undefined, null, 5])('refuses the options %j', async (given) => {
    expect(await refusal({ options: given })).toBe(
      `OptionError: optimizeModel: the options are ${given}; give an object`,
    );
  });

  it.each([
    ['except', 'out', 'optimizeModel: except out is no list'],
    ['callbacks', {}, 'optimizeModel: callbacks [object Object] is no list'],
    ['regularizationRange', 1e-3, 'HyperOptimizationModel: regularizationRange 0.001 is no list'],
    ['onStep', 5, 'optimizeModel: onStep 5 is no function'],
    ['measure', 'ebops', 'optimizeModel: measure ebops is no function'],
    ['data', images(0), 'optimizeModel: data: labels: no images'],
    ['validation', images(0), 'optimizeModel: validation: labels: no images'],
    ['validation', undefined, 'optimizeModel: validation is no data set in memory'],
    ['validation', images(2, Number.NaN), 'optimizeModel: validation: images: image 0, row 0, column 0'],
    ['validation', { ...images(2), shape: [1, 4, 1] }, 'optimizeModel: validation has images of 1 × 4 × 1'],
  ] as const)('refuses %s %j', async (name, value, message) => {
    expect(await refusal({ options: { ...options, [name]: value } })).toContain(message);
  });
});
