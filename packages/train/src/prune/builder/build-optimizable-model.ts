import { restoreState } from '@sp/layers';
import { nodeModules, pathOf } from '@sp/quant/files';
import type * as tf from '@tensorflow/tfjs';
import { OptionError } from '../../option-error.ts';
import { checkOptionNames } from '../../option-names.ts';
import type { Point } from '../../tune/space.ts';
import type { Trial } from '../../tune/trial.ts';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import { checkIsObject } from '../check-arguments.ts';
import { type PruningTraining, type Trainer, trainerOf, trainingOptionNames } from '../optimize/training.ts';
import type { PenaltySettings } from '../regularize/group-penalty.ts';
import { HyperOptimizationModel, type HyperOptimizationOptions } from './hyper-optimization-model.ts';
import { fileStore } from './state-store.ts';
import { type TunerOptions, tunePenalties } from './tune-penalties.ts';

/** How to find the regularisers of a model. */
export interface BuildOptions extends PruningTraining, HyperOptimizationOptions, TunerOptions {
  /** Of one trial, at most. */
  readonly epochs: number;
  /** Folder for the journal of the trials and what they trained (Node): the same call goes on from there. Default: none. */
  readonly directory?: string | URL;
}

/** A model with regularisers. */
export interface OptimizableModel {
  /** A copy; of the best trial it has the weights too. */
  readonly model: tf.LayersModel;
  /** What its regularisers are, for `pruningOptimizer` instead, with which the fused engine can train. */
  readonly penalties: ReadonlyMap<string, PenaltySettings>;
  /** The strengths that were chosen: `<layer>_alpha`, `<layer>_beta`, `learning_rate`. */
  readonly point: Point;
  readonly trials: readonly Trial[];
}

/** What decides the trials besides what the tuner knows. */
function runSettings(
  { epochs, data, validation, batchSize = 64, learningRate = 1e-3 }: BuildOptions,
  trainer: Trainer,
) {
  return {
    epochs,
    data: [data.labels.length, ...data.shape],
    validation: [validation.labels.length, ...validation.shape],
    batchSize,
    learningRate: typeof learningRate === 'number' ? learningRate : 'a schedule',
    validationMetric: trainer.metricName,
  };
}

/** Names of the options that say how to look for strengths. */
export const builderOptionNames: readonly string[] = [
  'regularizationRange',
  'learningRateRange',
  'tuner',
  'tunerTrials',
] satisfies (keyof HyperOptimizationOptions | keyof TunerOptions)[];

/**
 * A copy of the model whose optimizable layers have regularisers of their groups, of the strengths with which it is best after a short training (upstream
 * `build_optimizable_model`). Trials are trained with `pruningOptimizer`, on the fused engine where that knows the model.
 *
 * @param attributes as `attributesForObjective` chose them
 * @throws OptionError for an unknown tuner, senseless options, layers with a `kernelRegularizer` of their own; as `tune` and `fit`
 */
export async function buildOptimizableModel(
  model: tf.LayersModel,
  attributes: ModelAttributes,
  options: BuildOptions,
): Promise<OptimizableModel> {
  const where = 'buildOptimizableModel';
  checkIsObject(options, where);
  checkOptionNames(options, [...trainingOptionNames, ...builderOptionNames, 'epochs', 'directory'], where);
  const { epochs, regularizationRange, learningRateRange, directory, signal } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new OptionError(`${where}: epochs ${epochs} is not a whole number ≥ 1`);
  }
  const hyper = new HyperOptimizationModel(model, attributes, {
    ...(regularizationRange !== undefined && { regularizationRange }),
    ...(learningRateRange !== undefined && { learningRateRange }),
  });
  const trainer = trainerOf(options, where);
  let place: Parameters<typeof tunePenalties>[4]['place'];
  if (directory !== undefined) {
    const { fs, path } = nodeModules();
    const folder = path.join(pathOf(directory), 'tuning');
    await fs.mkdir(folder, { recursive: true });
    place = {
      journal: path.join(folder, 'journal.jsonl'),
      states: fileStore(folder),
      settings: runSettings(options, trainer),
    };
  }
  const tuned = await tunePenalties(hyper, trainer, epochs, options, { place, signal }, where);
  const copy = await hyper.at(tuned.point);
  if (tuned.state !== null) restoreState(copy, tuned.state);
  return { model: copy, penalties: hyper.penaltiesAt(tuned.point), point: tuned.point, trials: tuned.trials };
}
