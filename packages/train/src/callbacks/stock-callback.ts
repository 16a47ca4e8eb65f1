import type * as tf from '@tensorflow/tfjs';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { checkCallbacks } from '../fit/check-callbacks.ts';
import type { Logs } from '../fit/logs.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { atLeast, type LrSchedule } from '../schedule/lr-schedule.ts';
import { TrainingError } from '../training-error.ts';
import { firstNonFinite } from './terminate-on-nan.ts';

/** What tfjs does not tell its callbacks. */
export interface StockCallbackOptions {
  /** Epochs asked for from `model.fit`. */
  readonly epochs: number;
  /** Steps per epoch: images ÷ batch size, rounded up. */
  readonly stepsPerEpoch: number;
  /** Rate of each optimizer step (`cosineLr`), set on the model's optimizer before it. Default: the optimizer's own. */
  readonly learningRate?: LrSchedule;
}

/** Callbacks for `model.fit` of tfjs, with what they wrote. */
export interface StockCallback extends tf.CustomCallbackArgs {
  /** Logs per epoch, with what the callbacks added. */
  readonly history: readonly Readonly<Logs>[];
  /** Why a callback asked to stop, if one did. */
  readonly stopped: string | undefined;
}

/** Names of tfjs and ours. */
const names: Readonly<Record<string, string>> = {
  acc: 'accuracy',
  val_loss: 'valLoss',
  val_acc: 'valAccuracy',
  val_accuracy: 'valAccuracy',
};

/**
 * Makes callbacks of `fit` run under `model.fit` of tfjs. They see the same logs under the same names (`valLoss` for tfjs's `val_loss`), except
 * `lossTask`, which tfjs does not tell, and `learningRate` unless it is given here; `loss` there includes what layers add, as here. A loss that is not finite ends the
 * training with an error, as in `fit`, naming a variable that is not.
 *
 * @throws OptionError for unknown options and what is no list of callbacks; from `model.fit` for a rate that is not ≥ 0, or an optimizer that has none.
 * @example
 * const callbacks = stockCallback(model, [freeEbops(), earlyStopping()], { epochs: 20, stepsPerEpoch: 23 });
 * await model.fit(x, y, { epochs: 20, validationSplit: 0.1, callbacks });
 */
export function stockCallback(
  model: tf.LayersModel,
  callbacks: readonly FitCallback[],
  options: StockCallbackOptions,
): StockCallback {
  checkCallbacks(callbacks, 'stockCallback');
  checkOptionNames(options, ['epochs', 'stepsPerEpoch', 'learningRate'], 'stockCallback');
  const history: Readonly<Logs>[] = [];
  let stopped: string | undefined;
  let present = 0;
  let inSteps = true;
  let rate: number | undefined;
  const { learningRate } = options;
  const context: FitContext = {
    engine: 'tfjs',
    ...options,
    model,
    get stopped() {
      return stopped;
    },
    stop(reason, when = 'epoch') {
      stopped ??= reason;
      // tfjs asks after every step, so the end of the epoch has to be waited for here.
      if (when === 'step' || !inSteps) model.stopTraining = true;
    },
  };
  return {
    history,
    get stopped() {
      return stopped;
    },
    async onTrainBegin() {
      // Used again in another training, they begin anew.
      history.length = 0;
      stopped = undefined;
      for (const callback of callbacks) await callback.onTrainBegin?.(context);
    },
    async onEpochBegin(epoch) {
      present = epoch;
      inSteps = true;
      for (const callback of callbacks) await callback.onEpochBegin?.(epoch, context);
    },
    async onBatchBegin(step) {
      if (learningRate === undefined) return;
      rate = atLeast(learningRate(present * options.stepsPerEpoch + step), 0, 'stockCallback: learningRate');
      setLearningRate(model, rate);
    },
    async onBatchEnd(step, logs) {
      const loss = logs?.loss;
      if (loss !== undefined && !Number.isFinite(loss)) {
        const variable = firstNonFinite(model);
        const where =
          variable === undefined ? 'all variables are finite' : `'${variable}' holds a number that is not finite`;
        throw new TrainingError(
          `epoch ${present + 1}, step ${step + 1}: the loss is ${loss}; ${where}. Lower the learning rate or clip the gradients.`,
        );
      }
      for (const callback of callbacks) callback.onStepEnd?.(present, step, ours(logs), context);
    },
    async onEpochEnd(epoch, logs) {
      inSteps = false;
      if (stopped !== undefined) model.stopTraining = true;
      const own: Logs = { epoch: epoch + 1, ...ours(logs) };
      if (rate !== undefined) own.learningRate = rate;
      for (const callback of callbacks) await callback.onEpochEnd?.(epoch, own, context);
      history.push(own);
    },
    async onTrainEnd() {
      for (const callback of callbacks) await callback.onTrainEnd?.(context);
    },
  };
}

/** Optimizers of tfjs keep the rate in a field of that name; SGD and its kin have a tensor of it besides. */
function setLearningRate({ optimizer }: tf.LayersModel, rate: number): void {
  const target: { learningRate?: unknown; setLearningRate?: (rate: number) => void } = Object(optimizer);
  if (typeof target.learningRate !== 'number') {
    throw new OptionError(
      'stockCallback: learningRate: the optimizer of the model has none; compile it with one of tf.train',
    );
  }
  if (target.setLearningRate === undefined) target.learningRate = rate;
  else target.setLearningRate(rate);
}

function ours(logs: tf.Logs | undefined): Logs {
  return Object.fromEntries(Object.entries(logs ?? {}).map(([name, value]) => [names[name] ?? name, value]));
}
