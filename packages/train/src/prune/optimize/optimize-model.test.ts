import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelState, setBackend, totalEbops } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallSparseModel, upperOrLower } from '../../../test/small-sparse-model.ts';
import type { FitCallback } from '../../fit/callback.ts';
import { evaluate } from '../../fit/evaluate.ts';
import { fit } from '../../fit/fit.ts';
import * as prune from '../index.ts';
import type { SparsityScheduler } from '../schedule/sparsity-scheduler.ts';
import type { OptimizationStep } from './optimization-run.ts';

const data = upperOrLower(160, 1);
const validation = upperOrLower(80, 2);

let root: string;
beforeAll(async () => {
  await setBackend('cpu');
  root = await mkdtemp(join(tmpdir(), 'sp-optimize-'));
});
afterAll(() => rm(root, { recursive: true }));

const training = { data, validation, batchSize: 16, learningRate: 0.02, seed: 3, say: () => {} };

/** A model that knows the task, always the same. */
async function trained(): Promise<tf.LayersModel> {
  const model = smallSparseModel();
  await fit(model, data, { epochs: 12, batchSize: 16, learningRate: 0.02, seed: 1, say: () => {} });
  return model;
}

/** Stock layers, for which there are no lists of pixels. */
async function stock(last: Partial<Parameters<typeof tf.layers.dense>[0]> = {}): Promise<tf.LayersModel> {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [6, 6, 1], name: 'flatten' }),
      tf.layers.dense({ name: 'hidden', units: 8, activation: 'relu', kernelInitializer }),
      tf.layers.dense({ name: 'out', units: 2, activation: 'softmax', kernelInitializer, ...last }),
    ],
  });
  await fit(model, data, { epochs: 8, batchSize: 16, learningRate: 0.02, seed: 1, say: () => {} });
  return model;
}

const rising = (updateStep: number, finalSparsity: number): SparsityScheduler =>
  prune.constantSparsity({ updateStep, finalSparsity, initialSparsity: updateStep });

/** Kernels by layer. */
function kernels(model: tf.LayersModel): ReadonlyMap<string, Float32Array> {
  return new Map(
    [...modelState(model)].flatMap(([key, { values }]) =>
      key.endsWith('/kernel') ? [[key.slice(0, -'/kernel'.length), values] as const] : [],
    ),
  );
}

describe('optimizeModel', () => {
  it('saves EBOPs on the fused engine, within the tolerance, and gives the last good weights with exact masks', async () => {
    const model = await trained();
    const ebops = totalEbops(model);
    const told: OptimizationStep[] = [];
    const lines: string[] = [];
    const result = await prune.optimizeModel(
      model,
      prune.attributesFromModel(model),
      prune.ebopsObjective(model),
      prune.constantSparsity({ updateStep: 0.1, finalSparsity: 0.9 }),
      {
        ...training,
        epochs: 4,
        rtol: 0.95,
        tunerTrials: 3,
        measure: (of) => ({ ebops: totalEbops(of) }),
        onStep: (step) => told.push(step),
        progress: { write: (text) => lines.push(text) },
      },
    );
    const { best, steps, baseline, metric, masks } = result;
    if (best === null || masks === null) return expect.unreachable('no step was good');
    expect(told).toEqual(steps);
    expect(steps.every(({ engine }) => engine === 'fused')).toBe(true);
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, j) => j + 1));
    // Nothing can be removed at 0; then a tenth more each time.
    expect(steps[0].resources).toEqual(result.resourcesBefore);
    steps.forEach(({ sparsity, resources }, j) => {
      expect(sparsity).toBeCloseTo(j / 10, 9);
      expect(resources[0]).toBeLessThanOrEqual((1 - sparsity) * result.resourcesBefore[0]);
    });
    for (const { metric: found, good } of steps) expect(good).toBe(Number(found) >= 0.95 * baseline);
    expect(best).toEqual(steps.findLast(({ good }) => good));
    expect(best.sparsity).toBeGreaterThanOrEqual(0.1);
    expect([metric, result.measured.after]).toEqual([best.metric, best.measured]);
    expect(evaluate(model, validation).accuracy).toBe(metric);
    expect(result.measured.before).toEqual({ ebops });
    expect(totalEbops(model)).toBe(result.measured.after.ebops);
    expect(totalEbops(model)).toBeLessThan(ebops);
    for (const [name, values] of kernels(model)) {
      const mask = masks.masks.get(name) ?? expect.unreachable(name);
      expect(values.every((w, j) => mask[j] !== 0 || w === 0)).toBe(true);
    }
    expect(prune.getModelSparsity(model).total).toBe(best.zeros);
    expect(lines.filter((line) => line.startsWith('step'))).toHaveLength(steps.length);
    expect(lines[0]).toMatch(/^baseline: accuracy 0\.\d+\n$|^baseline: accuracy 1\n$/);
    expect(lines.filter((line) => line.startsWith('trial'))).toHaveLength(3);
  });

  it('cuts off after too many bad steps in a row, and leaves the model as it was without a good one', async () => {
    const model = await trained();
    const before = modelState(model);
    const attributes = prune.attributesFromModel(model);
    const result = await prune.optimizeModel(model, attributes, prune.parameterObjective, rising(0.2, 1), {
      ...training,
      epochs: 2,
      rtol: 2,
      tuner: 'Manual',
      cutoffBadTrials: 2,
    });
    expect(result.stopped).toBe('cut off');
    expect(result.steps.map(({ good }) => good)).toEqual([false, false, false]);
    expect([result.best, result.masks, result.metric]).toEqual([null, null, result.baseline]);
    expect(modelState(model)).toEqual(before);
  });

  it('asks the scheduler to go back after bad steps', async () => {
    const model = await trained();
    let calls = 0;
    const result = await prune.optimizeModel(
      model,
      prune.attributesFromModel(model),
      prune.parameterObjective,
      prune.binarySparsity({ threshold: 0.15, initialSparsity: 0.4, finalSparsity: 1 }),
      {
        ...training,
        epochs: 2,
        rtol: 0.5,
        tuner: 'Manual',
        rewindingEpochs: 0,
        restoreAfterBad: true,
        validationMetric: () => [1, 1, 0, 1][Math.min(3, calls++)],
        increasing: true,
      },
    );
    expect(result.steps.map(({ sparsity, good }) => [Number(sparsity.toFixed(6)), good])).toEqual([
      [0.4, true],
      [0.7, false],
      [0.55, true],
    ]);
    expect(result.stopped).toBe('finished');
    expect(result.best?.step).toBe(3);
  });

  it.each(['oracle', 'saliency', 'l2'] as const)('ranks by %s, of stock layers on tfjs', async (rankingMetric) => {
    const model = await stock();
    const config = { Model: { ReuseFactor: 4, Strategy: 'Resource', Precision: 'ap_fixed<16,6>' } };
    const result = await prune.optimizeModelForHls(model, config, prune.dspObjective, rising(0.5, 0.5), {
      ...training,
      epochs: 3,
      rtol: 0.8,
      rankingMetric,
      tuner: 'Manual',
      local: rankingMetric === 'oracle',
      derivativeImages: 12,
    });
    expect(result.resourcesBefore).toEqual([72 + 4]);
    expect(result.best?.resources[0]).toBe(38);
    expect(result.best?.engine).toMatch(/^tfjs/);
    // What one multiplier handles is removed as a whole.
    const hidden = kernels(model).get('hidden') ?? expect.unreachable();
    const byOutput = Array.from({ length: 8 }, (_, u) =>
      Array.from({ length: 36 }, (__, i) => hidden[i * 8 + u]),
    ).flat();
    const groups = Array.from({ length: 72 }, (_, g) => byOutput.slice(4 * g, 4 * g + 4));
    expect(groups.every((group) => group.every((w) => w === 0) || group.some((w) => w !== 0))).toBe(true);
    expect(groups.filter((group) => group.every((w) => w === 0)).length).toBeGreaterThanOrEqual(30);
  });

  it('does not stumble over a last layer that is not optimizable, nor over one that only could lose labels', async () => {
    for (const structure of ['structured', 'unstructured'] as const) {
      const objective: prune.ObjectiveEstimator = {
        ...prune.parameterObjective,
        isLayerOptimizable: ({ kind, name }) =>
          kind === null || (structure === 'unstructured' && name === 'out')
            ? { optimizable: false, attributes: null }
            : { optimizable: true, attributes: prune.optimizationAttributes({ structure, pruning: true }) },
      };
      const model = await stock();
      const attributes = prune.attributesFromModel(model);
      const result = await prune.optimizeModel(model, attributes, objective, rising(0.25, 0.25), {
        ...training,
        epochs: 2,
        rtol: 0.5,
        tuner: 'Manual',
      });
      expect([...(result.masks?.masks.keys() ?? [])]).toEqual(['hidden']);
    }
  });

  it('shares weights, and keeps them shared', async () => {
    const model = await stock();
    const objective: prune.ObjectiveEstimator = {
      ...prune.parameterObjective,
      isLayerOptimizable: ({ name }) =>
        name !== 'hidden'
          ? { optimizable: false, attributes: null }
          : {
              optimizable: true,
              attributes: prune.optimizationAttributes({ structure: 'block', blockShape: [2, 2], weightSharing: true }),
            },
      layerSavings: () => [4],
    };
    const attributes = prune.attributesFromModel(model);
    const result = await prune.optimizeModel(model, attributes, objective, rising(0.5, 0.5), {
      ...training,
      epochs: 3,
      rtol: 0.5,
      tunerTrials: 2,
    });
    expect(Object.keys(result.strengths)).toEqual(['hidden_beta']);
    const hidden = kernels(model).get('hidden') ?? expect.unreachable();
    const offsets = result.masks?.offsets.get('hidden') ?? expect.unreachable();
    const mask = result.masks?.masks.get('hidden') ?? expect.unreachable();
    expect(mask.filter((bit) => bit === 0).length).toBe(144);
    expect(hidden.every((w, j) => mask[j] === 1 || w === offsets[j])).toBe(true);
    expect(new Set(hidden.filter((_, j) => mask[j] === 0)).size).toBeLessThanOrEqual(36);
  });

  it('reduces a model for FLOP, trains what is left, and gives the same after a kill', async () => {
    const directory = join(root, 'flop');
    const run = async (place: string | undefined, say?: FitCallback): Promise<prune.OptimizedModel> => {
      const model = await stock();
      return prune.optimizeModel(model, prune.attributesFromModel(model), prune.flopObjective, rising(0.25, 0.5), {
        ...training,
        epochs: 2,
        rtol: 0.6,
        tuner: 'Manual',
        ...(place !== undefined && { directory: place }),
        ...(say !== undefined && { callbacks: [say] }),
      });
    };
    const whole = await run(undefined);
    expect(whole.removed.get('hidden')?.length).toBeGreaterThanOrEqual(2);
    expect(whole.model.getLayer('hidden').outputShape).toEqual([null, 8 - (whole.removed.get('hidden')?.length ?? 0)]);
    expect(evaluate(whole.model, validation).accuracy).toBe(whole.metric);
    let trainings = 0;
    const crash: FitCallback = {
      name: 'crash',
      onTrainBegin: () => {
        // Two steps of two trainings, the last without a rewinding; the one after the reduction is the fourth.
        if (++trainings === 4) throw new Error('power cut');
      },
    };
    await expect(run(directory, crash)).rejects.toThrow('power cut');
    for (let time = 0; time < 2; time++) {
      const resumed = await run(directory);
      expect(modelState(resumed.model)).toEqual(modelState(whole.model));
      expect([resumed.steps, resumed.metric, resumed.removed]).toEqual([whole.steps, whole.metric, whole.removed]);
    }
  });

  it('takes a training that ends in NaN for a bad step', async () => {
    const model = await trained();
    const steps: OptimizationStep[] = [];
    const said: string[] = [];
    const callbacks: FitCallback[] = [
      {
        name: 'poison',
        onEpochBegin(epoch, { model: of }) {
          if (epoch === 0 && steps.length === 1) {
            const { kernel } = (of.getLayer('dense') as unknown as { weights: tf.LayerVariable[] }).weights.reduce<{
              kernel?: tf.LayerVariable;
            }>((found, weight) => (weight.originalName.endsWith('kernel') ? { kernel: weight } : found), {});
            kernel?.write(tf.fill(kernel.shape as number[], Number.NaN));
          }
        },
      },
    ];
    const attributes = prune.attributesFromModel(model);
    const result = await prune.optimizeModel(model, attributes, prune.parameterObjective, rising(0.1, 0.35), {
      ...training,
      epochs: 2,
      rtol: 0.7,
      tuner: 'Manual',
      callbacks,
      engine: 'tfjs',
      onStep: (step) => steps.push(step),
      say: (line) => said.push(line),
    });
    expect(result.steps.map(({ good }) => good)).toEqual([true, false, true]);
    expect(result.steps[1].metric).toBeNull();
    expect(said.filter((line) => line.startsWith('optimizeModel: step 2 is bad: '))).toHaveLength(1);
  });
});

describe('resuming optimizeModel', () => {
  const run = async (directory: string | undefined, more: Partial<prune.OptimizeOptions> = {}) => {
    const model = await trained();
    const attributes = prune.attributesFromModel(model);
    const scheduler = prune.polynomialSparsity({ maximumSteps: 3, finalSparsity: 0.6, initialSparsity: 0.1 });
    const result = await prune.optimizeModel(model, attributes, prune.ebopsObjective(model), scheduler, {
      ...training,
      epochs: 3,
      rtol: 0.8,
      tuner: 'Hyperband',
      ...(directory !== undefined && { directory }),
      ...more,
    });
    return { result: { ...result, model: undefined }, state: modelState(model) };
  };

  it('gives what an undisturbed run gives, wherever it was cut off', async () => {
    const whole = await run(join(root, 'whole'));
    expect(await run(undefined)).toEqual(whole);
    const journal = await readFile(join(root, 'whole', 'journal.jsonl'), 'utf8');
    const directory = join(root, 'killed');
    // A crash after so many steps of the optimizer, each time from where the last one was.
    for (const after of [3, 25, 41, 15, 60]) {
      let left = after;
      const crash: FitCallback = {
        name: 'crash',
        onStepEnd: () => {
          if (--left === 0) throw new Error('power cut');
        },
      };
      await expect(run(directory, { callbacks: [crash] })).rejects.toThrow('power cut');
    }
    const abort = new AbortController();
    const aborted = await run(directory, { signal: abort.signal, onStep: () => abort.abort() });
    expect(aborted.result.stopped).toBe('aborted');
    const resumed = await run(directory);
    expect(resumed).toEqual(whole);
    expect(await readFile(join(directory, 'journal.jsonl'), 'utf8')).toBe(journal);
    expect((await readdir(directory)).sort()).toEqual((await readdir(join(root, 'whole'))).sort());
    // Once more: nothing is left to do.
    const idle: FitCallback = { name: 'idle', onTrainBegin: () => expect.unreachable('all is done') };
    expect(await run(directory, { callbacks: [idle] })).toEqual(whole);
  });

  it('refuses a folder of another optimisation, damage, and two at once', async () => {
    const directory = join(root, 'refused');
    await run(directory);
    await expect(run(directory, { rtol: 0.7 })).rejects.toThrow(/journal\.jsonl' was begun with rtol 0\.8, not 0\.7/);
    await expect(run(directory, { seed: 4 })).rejects.toThrow('was begun with seed 3, not 4');
    const [file] = (await readdir(directory)).filter((name) => name.endsWith('.bin'));
    const bytes = await readFile(join(directory, file));
    bytes[bytes.length - 9] ^= 1;
    await writeFile(join(directory, file), bytes);
    await expect(run(directory)).rejects.toThrow('damaged: its digest does not fit; begin anew');
    const other = join(root, 'twice');
    const callbacks: FitCallback[] = [{ name: 'rival', onTrainBegin: async () => void (await run(other)) }];
    await expect(run(other, { callbacks })).rejects.toThrow('is being written by this process');
  });
});

describe('options of optimizeModel', () => {
  it('are checked before anything is trained', async () => {
    const model = smallSparseModel();
    const attributes = prune.attributesFromModel(model);
    const bad = (more: Partial<prune.OptimizeOptions>, scheduler: unknown = rising(0.5, 1)): Promise<unknown> =>
      prune.optimizeModel(model, attributes, prune.parameterObjective, scheduler as SparsityScheduler, {
        ...training,
        epochs: 2,
        rtol: 0.9,
        ...more,
      });
    await expect(bad({}, { name: 'mine' })).rejects.toThrow('the scheduler is none; make it with constantSparsity');
    await expect(bad({ epochs: 1 })).rejects.toThrow('1 epochs, of which 1 are without masks (rewindingEpochs)');
    await expect(bad({ rtol: Number.NaN })).rejects.toThrow('rtol NaN is not a finite number > 0');
    await expect(bad({ rankingMetric: 'gradients' as 'l1' })).rejects.toThrow("rankingMetric 'gradients' is none of");
    await expect(bad({ knapsackSolver: 'cbc' as 'greedy' })).rejects.toThrow("'cbc'");
    await expect(bad({ tuner: 'Grid' as 'Manual' })).rejects.toThrow("unknown tuner 'Grid' (known: Bayesian, Hyperb");
    await expect(bad({ validationMetric: 'f1' as 'loss' })).rejects.toThrow("validationMetric 'f1' is none of");
    await expect(bad({ validationMetric: () => 1 })).rejects.toThrow('say with increasing whether more of your');
    await expect(bad({ except: ['dens'] })).rejects.toThrow("except has 'dens', which is no layer; they are image");
    await expect(bad({ rankMetric: 'l1' } as object)).rejects.toThrow("did you mean 'rankingMetric'?");
    await expect(bad({ except: ['conv', 'dense'] })).rejects.toThrow(
      "no layer can be optimised by the objective 'param",
    );
    await expect(bad({ data: undefined } as object)).rejects.toThrow('data is no data set in memory');
    await expect(bad({ regularizationRange: [-1] })).rejects.toThrow('regularizationRange [-1]; give finite numbers');
    await expect(bad({ rewindingEpochs: -1 })).rejects.toThrow('rewindingEpochs -1 is not a whole number ≥ 0');
    await expect(bad({ validationMetric: () => Number.NaN, increasing: true })).rejects.toThrow('of the model is NaN');
    await expect(bad({ progress: {} } as object)).rejects.toThrow('progress.write is no function');
  });
});
