import { setVariable } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../training-error.ts';
import { applyMasks } from '../masks/apply-masks.ts';
import { getModelMasks, type ModelMasks } from '../masks/get-model-masks.ts';
import { kernelFormats, releaseBits } from '../masks/release-bits.ts';
import { layersByName } from '../objectives/deployed-kernel.ts';
import { getModelSparsity } from '../read-out/get-model-sparsity.ts';
import { groupDerivatives } from './group-derivatives.ts';
import type { OptimizationStep } from './optimization-run.ts';
import type { StepProgress } from './step-progress.ts';
import type { Trainer } from './training.ts';
import type { Work } from './work.ts';

/** What holds in all trainings. */
type Rules = Pick<Parameters<Trainer['train']>[1]['rules'], 'penalties'> & { readonly learningRate?: number };

/** A step that was taken and is not judged yet. */
export interface StepTaken extends Omit<OptimizationStep, 'metric' | 'good' | 'measured'> {
  /** NaN if the training ended in it. */
  readonly metric: number;
  readonly masks: ModelMasks;
  /** Trains without masks, before another step. */
  readonly rewind: () => Promise<'done' | 'aborted'>;
}

/** Chooses groups, trains with them and measures the result. */
export async function takeStep(
  { model, chosen, objective, options, trainer }: Work,
  step: number,
  sparsity: number,
  { penalties = null, learningRate }: Rules,
  bar: StepProgress['bar'],
): Promise<'aborted' | StepTaken> {
  const { epochs, rewindingEpochs = 1, rankingMetric = 'l1', knapsackSolver = 'CBC_MIP', signal } = options;
  const { local = false, normalization, timeLimit, data, loss, hessianMethod, say = console.warn } = options;
  const { derivativeImages = Number.POSITIVE_INFINITY } = options;
  const derivatives = groupDerivatives(model, rankingMetric, {
    data,
    loss,
    images: derivativeImages,
    method: hessianMethod,
    seed: trainer.seed,
    stream: [step, 1],
  });
  const masks = await getModelMasks(model, chosen, sparsity, objective, {
    metric: rankingMetric,
    local,
    solver: knapsackSolver,
    ...derivatives,
    say,
    ...(normalization !== undefined && { normalization }),
    ...(timeLimit !== undefined && { timeLimit }),
  });
  applyMasks(model, masks);
  const giveBack = objective.releasesBits === true ? releaseFor(model, masks) : () => {};
  const common = { stream: [step, 0], ...(learningRate !== undefined && { learningRate }) };
  const title = `step ${step}, sparsity ${(100 * sparsity).toFixed(1)} %`;
  let metric = Number.NaN;
  let engine: string | undefined;
  try {
    ({ engine } = await trainer.train(model, {
      ...common,
      epochs: epochs - rewindingEpochs,
      rules: { masks, penalties },
      callbacks: bar(title),
    }));
    if (signal?.aborted) return 'aborted';
    metric = await trainer.measure(model);
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    say(`optimizeModel: step ${step} is bad: ${error.message}`);
  }
  return {
    step,
    sparsity,
    resources: masks.resources,
    zeros: getModelSparsity(model).total,
    optimal: masks.optimal,
    ...(engine !== undefined && { engine }),
    metric,
    masks,
    async rewind() {
      if (rewindingEpochs === 0) return 'done';
      giveBack();
      try {
        await trainer.train(model, {
          ...common,
          initialEpoch: epochs - rewindingEpochs,
          epochs,
          keepsOptimizer: Number.isFinite(metric),
          rules: { penalties },
          callbacks: bar(`${title}, without masks`),
        });
      } catch (error) {
        if (!(error instanceof TrainingError)) throw error;
        say(`optimizeModel: after step ${step}: ${error.message}`);
      }
      return signal?.aborted ? 'aborted' : 'done';
    },
  };
}

/** Takes the bits of what was removed; what it returns gives them back, so that it can grow again. */
function releaseFor(model: tf.LayersModel, masks: ModelMasks): () => void {
  const layers = layersByName(model);
  const before = [...masks.masks].flatMap(([name, mask]) => {
    const layer = layers.get(name);
    const formats = layer === undefined ? [] : [...kernelFormats(layer, mask.length).values()];
    return formats.map((variable) => ({ variable, mask, values: variable.dataSync<'float32'>().slice() }));
  });
  releaseBits(model, masks);
  return () => {
    for (const { variable, mask, values } of before) {
      const present = variable.dataSync<'float32'>();
      setVariable(
        variable,
        Float32Array.from(present, (value, j) => (mask[j] === 0 ? values[j] : value)),
      );
    }
  };
}
