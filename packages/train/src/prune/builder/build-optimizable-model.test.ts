import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelState, qConv2D, qDense, setBackend } from '@sp/layers';
import { qkerasDense } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../../test/small-sparse-model.ts';
import type { FitCallback } from '../../fit/callback.ts';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import * as prune from '../index.ts';
import type { BuildOptions, OptimizableModel } from './build-optimizable-model.ts';

const data = upperOrLower(96, 1);
const validation = upperOrLower(64, 2);
const training = { data, validation, batchSize: 16, learningRate: 0.02, seed: 3, epochs: 4, say: () => {} };

let root: string;
beforeAll(async () => {
  await setBackend('cpu');
  root = await mkdtemp(join(tmpdir(), 'sp-builder-'));
});
afterAll(() => rm(root, { recursive: true }));

/** Attributes of all layers with a kernel, the same for all. */
function attributesOf(
  model: tf.LayersModel,
  given: Parameters<typeof prune.optimizationAttributes>[0],
): ModelAttributes {
  const optimizationAttributes = prune.optimizationAttributes(given);
  return new Map(
    [...prune.attributesFromModel(model)].map(([name, layer]) => [
      name,
      layer.kind === null ? layer : { ...layer, optimizable: true, optimizationAttributes },
    ]),
  );
}

interface Saved {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Regularisers by layer, as a saved model has them. */
function regularizers(model: tf.LayersModel): Readonly<Record<string, Saved>> {
  const { config } = model.toJSON(null, false) as unknown as { config: { layers: readonly Saved[] } };
  return Object.fromEntries(
    config.layers.flatMap(({ config: layer }) =>
      layer['kernel_regularizer'] == null ? [] : [[String(layer['name']), layer['kernel_regularizer'] as Saved]],
    ),
  );
}

describe('HyperOptimizationModel', () => {
  it('asks for a strength of every layer and gives it a regulariser of its groups', async () => {
    const model = smallSparseModel();
    const hyper = new prune.HyperOptimizationModel(
      model,
      attributesOf(model, { structure: 'structured', pruning: true, weightSharing: true }),
    );
    const asked: (readonly [string, number, number])[] = [];
    const built = await hyper.build({
      choice(name, values, { default: middle }) {
        asked.push([name, values.length, middle]);
        return values[asked.length];
      },
    });
    const middle = prune.defaultRegularizationRange[8];
    expect(asked).toEqual(['conv_alpha', 'conv_beta', 'dense_alpha', 'dense_beta'].map((name) => [name, 16, middle]));
    const [, first, second, third, fourth] = prune.defaultRegularizationRange;
    const common = { norm: 1, structure: 'structured' };
    expect(regularizers(built)).toMatchObject({
      conv: { class_name: 'Conv2DRegularizer', config: { alpha: first, beta: second, ...common } },
      dense: { class_name: 'DenseRegularizer', config: { alpha: third, beta: fourth, ...common } },
    });
    expect(built.calculateLosses().length).toBe(model.calculateLosses().length + 2);
    expect(modelState(built)).toEqual(modelState(model));
    const without = await prune.removeCustomRegularizers(built);
    expect(regularizers(without)).toEqual({});
    expect(modelState(without)).toEqual(modelState(model));
  });

  it('goes from 1e-6 to 1e-2 in sixteen equal factors', () => {
    const { defaultRegularizationRange: range } = prune;
    expect([range.length, range[0]]).toEqual([16, 1e-6]);
    expect(range[15]).toBeCloseTo(1e-2, 15);
    for (let k = 1; k < 16; k++) expect(range[k] / range[k - 1]).toBeCloseTo(10 ** (4 / 15), 9);
  });

  it('refuses layers that take no regulariser', async () => {
    const model = tf.sequential({
      layers: [
        qkerasDense({ name: 'q', units: 2, inputShape: [4], kernelQuantizer: 'quantized_bits(4,0,1)' } as never),
      ],
    });
    const attributes = attributesOf(model, { pruning: true });
    await expect(prune.buildOptimizableModel(model, attributes, { ...training, tuner: 'Manual' })).rejects.toThrow(
      "layer 'q' (QKerasDense) takes no regulariser; train with pruningOptimizer",
    );
  });

  it('refuses to lose a regulariser that the layer has', async () => {
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.1 });
    const input = tf.input({ shape: [4, 4, 1] });
    const features = qConv2D({ name: 'conv', filters: 2, kernelSize: 3 }).apply(input);
    const flat = tf.layers.flatten().apply(features);
    const outputs = qDense({ name: 'out', units: 2, kernelRegularizer }).apply(flat) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs });
    const attributes = attributesOf(model, { pruning: true });
    await expect(prune.buildOptimizableModel(model, attributes, { ...training, tuner: 'Manual' })).rejects.toThrow(
      "layer 'out' has a kernelRegularizer of its own, which would be lost; take it away",
    );
  });
});

describe('buildOptimizableModel', () => {
  it('takes the first strength without any training when asked to', async () => {
    const model = smallSparseModel();
    const attributes = attributesOf(model, { structure: 'pattern', patternOffset: 2, pruning: true });
    const callbacks: FitCallback[] = [{ name: 'idle', onTrainBegin: () => expect.unreachable('nothing is trained') }];
    const built = await prune.buildOptimizableModel(model, attributes, {
      ...training,
      callbacks,
      tuner: 'Manual',
      regularizationRange: [0.25, 0.5],
    });
    expect(built.point).toEqual({ conv_alpha: 0.25, dense_alpha: 0.25 });
    expect(built.trials).toEqual([]);
    expect(modelState(built.model)).toEqual(modelState(model));
    expect(built.penalties.get('dense')).toMatchObject({ alpha: 0.25, beta: 0, norm: 1, patternOffset: 2 });
    expect(Object.keys(regularizers(built.model))).toEqual(['conv', 'dense']);
  });

  it.each(['Bayesian', 'Hyperband', 'random'] as const)(
    'finds strengths by training: %s; the same once more, and after a crash',
    async (tuner) => {
      const directory = join(root, tuner);
      const run = (more: Partial<BuildOptions> = {}): Promise<OptimizableModel> => {
        const model = smallSparseModel();
        const attributes = attributesOf(model, { pruning: true });
        return prune.buildOptimizableModel(model, attributes, {
          ...training,
          tuner,
          learningRateRange: [0.005, 0.02, 0.05],
          ...(tuner === 'Hyperband' ? {} : { tunerTrials: 3 }),
          ...more,
        });
      };
      const whole = await run();
      // Of 4 epochs, factor 3: 3 trials of 1 epoch, of which 1 goes on to 4, and 2 of 4 at once.
      expect(whole.trials.map(({ epochs }) => epochs)).toEqual(
        tuner === 'Hyperband' ? [1, 1, 1, 4, 4, 4] : [undefined, undefined, undefined],
      );
      const values = whole.trials.map(({ value }) => Number(value));
      const best = whole.trials[values.indexOf(Math.max(...values))];
      expect(whole.point).toEqual(best.point);
      expect(Object.keys(whole.point)).toEqual(['conv_alpha', 'dense_alpha', 'learning_rate']);
      expect(modelState(whole.model)).not.toEqual(modelState(smallSparseModel()));
      let trainings = 0;
      const crash: FitCallback = {
        name: 'crash',
        onEpochEnd: () => {
          if (++trainings === 3) throw new Error('power cut');
        },
      };
      await expect(run({ directory, callbacks: [crash] })).rejects.toThrow('power cut');
      const resumed = await run({ directory });
      expect([resumed.point, resumed.trials]).toEqual([whole.point, whole.trials]);
      expect(modelState(resumed.model)).toEqual(modelState(whole.model));
    },
  );

  it('refuses other tuners and senseless options', async () => {
    const model = smallSparseModel();
    const attributes = attributesOf(model, { pruning: true });
    const bad = (more: Partial<BuildOptions>): Promise<unknown> =>
      prune.buildOptimizableModel(model, attributes, { ...training, ...more });
    await expect(bad({ tuner: 'bayesian' as 'Manual' })).rejects.toThrow("unknown tuner 'bayesian' (known: Bayesian,");
    await expect(bad({ epochs: 0 })).rejects.toThrow('epochs 0 is not a whole number ≥ 1');
    await expect(bad({ regularizationRange: [] })).rejects.toThrow('regularizationRange []; give finite numbers ≥ 0');
    await expect(bad({ learningRateRange: [0] })).rejects.toThrow('learningRateRange [0]; give finite numbers > 0');
    await expect(bad({ trials: 3 } as object)).rejects.toThrow("unknown option 'trials'");
  });
});
