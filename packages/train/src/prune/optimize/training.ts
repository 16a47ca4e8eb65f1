import type * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../../data/dataset.ts';
import { randomSource } from '../../data/random.ts';
import type { LossFunction, LossName } from '../../engine/loss-function.ts';
import type { Optimizer } from '../../engine/optimizer.ts';
import { adam } from '../../fit/adam.ts';
import type { FitCallback } from '../../fit/callback.ts';
import { checkData } from '../../fit/check-data.ts';
import { evaluate } from '../../fit/evaluate.ts';
import { type FitOptions, type FitResult, fit } from '../../fit/fit.ts';
import { defaultSeed } from '../../fit/set-seed.ts';
import { taskOf } from '../../fit/task.ts';
import { OptionError } from '../../option-error.ts';
import type { LrSchedule } from '../../schedule/lr-schedule.ts';
import type { Direction } from '../../tune/trial.ts';
import { type PruningRules, pruningOptimizer } from '../training/pruning-optimizer.ts';

/** What a model is judged by on the validation data. */
export type ValidationMetric =
  | 'accuracy'
  | 'loss'
  | ((model: tf.LayersModel, validation: Dataset) => number | Promise<number>);

/** How models are trained and judged; as in `fit` where the names are those of `fit`. */
export interface PruningTraining
  extends Pick<FitOptions, 'batchSize' | 'rates' | 'callbacks' | 'engine' | 'threads' | 'signal' | 'say'> {
  readonly data: Dataset;
  readonly validation: Dataset;
  /** Of optimizer steps of one training; every training begins with step 0. Default 1e-3. */
  readonly learningRate?: number | LrSchedule;
  /** Its state is set back to that of no steps before every training. Default `adam()`. */
  readonly optimizer?: Optimizer;
  readonly loss?: LossName | LossFunction;
  /** Default as in `fit`. Every training has a seed of its own that follows from it. */
  readonly seed?: number;
  /** Default `'accuracy'`. */
  readonly validationMetric?: ValidationMetric;
  /** Whether more is better. Default: what the metric's name says; needed for a function. */
  readonly increasing?: boolean;
}

/** All names; a record, so that none can be missing. */
export const trainingOptionNames: readonly string[] = Object.keys({
  data: 0,
  validation: 0,
  batchSize: 0,
  learningRate: 0,
  rates: 0,
  optimizer: 0,
  loss: 0,
  seed: 0,
  engine: 0,
  threads: 0,
  callbacks: 0,
  signal: 0,
  say: 0,
  validationMetric: 0,
  increasing: 0,
} satisfies Record<keyof PruningTraining, 0>);

/** One training. */
export interface Phase {
  readonly epochs: number;
  /** Epoch to begin with. Default 0. */
  readonly initialEpoch?: number;
  /** Goes on with the state of the optimizer as the last training has left it. Default false. */
  readonly keepsOptimizer?: boolean;
  /** Tells the random numbers of trainings apart. */
  readonly stream: readonly number[];
  readonly rules: PruningRules;
  readonly learningRate?: number;
  /** Besides those of the user. */
  readonly callbacks?: readonly FitCallback[];
  readonly watchesValidation?: boolean;
}

/** Trains and judges models. */
export interface Trainer {
  readonly direction: Direction;
  readonly seed: number;
  readonly metricName: string;
  train(model: tf.LayersModel, phase: Phase): Promise<FitResult>;
  /** The metric on the validation data; NaN stays NaN. */
  measure(model: tf.LayersModel): Promise<number>;
}

/** @throws OptionError for a metric that is none, one whose direction is not known, and missing data */
export function trainerOf(settings: PruningTraining, where: string): Trainer {
  const { data, validation, optimizer = adam(), seed = defaultSeed(), validationMetric = 'accuracy' } = settings;
  for (const [name, one] of Object.entries({ data, validation })) {
    if (typeof one !== 'object' || one === null || !('labels' in one)) {
      throw new OptionError(`${where}: ${name} is no data set in memory; give images, labels, shape and classes`);
    }
  }
  if (!Number.isInteger(seed)) throw new OptionError(`${where}: seed ${seed} is not a whole number`);
  const direction = directionOf(validationMetric, settings.increasing, where);
  const say = once(settings.say ?? console.warn);
  const { batchSize, rates, loss, engine, threads, signal } = settings;
  return {
    direction,
    seed,
    metricName: typeof validationMetric === 'string' ? validationMetric : validationMetric.name || 'metric',
    train(model, phase) {
      const { epochs, initialEpoch = 0, keepsOptimizer = false, stream, rules, watchesValidation = false } = phase;
      const learningRate = phase.learningRate ?? settings.learningRate;
      const callbacks = [...(settings.callbacks ?? []), ...(phase.callbacks ?? [])];
      const watches = watchesValidation || (settings.callbacks ?? []).length > 0;
      if (!keepsOptimizer) reset(optimizer);
      return fit(model, data, {
        epochs,
        initialEpoch,
        optimizer: pruningOptimizer(optimizer, model, rules),
        seed: randomSource(seed, ...stream).below(2 ** 31),
        say,
        callbacks,
        ...(watches && { validation }),
        ...(batchSize !== undefined && { batchSize }),
        ...(learningRate !== undefined && { learningRate }),
        ...(rates !== undefined && { rates }),
        ...(loss !== undefined && { loss }),
        ...(engine !== undefined && { engine }),
        ...(threads !== undefined && { threads }),
        ...(signal !== undefined && { signal }),
      });
    },
    async measure(model) {
      if (typeof validationMetric === 'function') return validationMetric(model, validation);
      // Ranges follow the data here, as in training: it is too early to trace.
      const result = evaluate(model, validation, { warn: () => {}, ...(loss !== undefined && { loss }) });
      return result[validationMetric];
    },
  };
}

/**
 * Refuses data that do not fit the model or cannot be right, before anything is trained; each set by its name. What is judged by a function of the user is left to that.
 *
 * @throws OptionError and DataError, as `fit`
 */
export function checkImages(
  model: tf.LayersModel,
  { data, validation, loss, validationMetric }: PruningTraining,
  where: string,
): void {
  const task = taskOf(model, loss, where);
  checkData(model, data, task, 'data', where);
  if (typeof validationMetric !== 'function') checkData(model, validation, task, 'validation', where);
}

function directionOf(metric: ValidationMetric, increasing: boolean | undefined, where: string): Direction {
  if (typeof metric !== 'function' && metric !== 'accuracy' && metric !== 'loss') {
    throw new OptionError(
      `${where}: validationMetric '${String(metric)}' is none of accuracy, loss; or give a function`,
    );
  }
  if (increasing !== undefined) return increasing ? 'max' : 'min';
  if (typeof metric === 'function') {
    throw new OptionError(`${where}: say with increasing whether more of your validationMetric is better`);
  }
  return metric === 'accuracy' ? 'max' : 'min';
}

/** Momenta of weights that are fixed now would move them. */
function reset(optimizer: Optimizer): void {
  const { slots } = optimizer.state();
  optimizer.restore({ step: 0, slots: slots.map((arrays) => arrays.map(({ length }) => new Float32Array(length))) });
}

/** Says every line once: many trainings say the same. */
function once(say: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
}
