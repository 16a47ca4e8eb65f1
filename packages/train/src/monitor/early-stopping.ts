import { type ModelState, modelState, restoreState } from '@sp/layers';
import { ebopsFactors, restoreEbopsFactors } from '../ebops/ebops-factors.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import type { Logs } from '../fit/logs.ts';
import { seenEpochs } from '../fit/seen-epochs.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { type Direction, sayNotes, watched } from './watched.ts';

/** When an epoch is better, and when to give up. */
export interface EarlyStoppingOptions {
  /** Name of a number in the logs, or a function of the logs. Default 'valLoss'. */
  readonly monitor?: string | ((logs: Readonly<Logs>) => number);
  /**
   * Whether less or more is better. Default: what the name says, as in Keras: accuracy, AUC, … up, losses, errors, EBOPs, n, … down; the callback says
   * which it took. Must be given for other names, and for a function.
   */
  readonly mode?: Direction;
  /** An epoch counts as better only beyond the best by more than this. Default 0. */
  readonly minDelta?: number;
  /** Epochs without a better one before training stops. Default Infinity: only keep the best. */
  readonly patience?: number;
  /** Epochs to let pass before the first that may become the best. Default 0. */
  readonly startFromEpoch?: number;
  /** Go on, although patience has ended, while EBOPs in the logs exceed this (hgq2 §5.7). Default no limit. */
  readonly ebopsThreshold?: number;
  /** Put the best epoch's variables back at the end, quantizer state included. Default true. */
  readonly restoreBestWeights?: boolean;
}

/** All names; a record, so that none can be missing. */
const optionNames = Object.keys({
  monitor: 0,
  mode: 0,
  minDelta: 0,
  patience: 0,
  startFromEpoch: 0,
  ebopsThreshold: 0,
  restoreBestWeights: 0,
} satisfies Record<keyof EarlyStoppingOptions, 0>);

/** The early stopping callback, with what it found. */
export interface EarlyStopping extends FitCallback {
  /** Epoch of the best value so far, counted from 1 as in the logs, and that value. */
  best(): { readonly epoch: number; readonly value: number } | undefined;
}

interface State {
  /** Counted from 0. */
  readonly epoch: number;
  readonly value: number;
  readonly waited: number;
  readonly best: BestModel | undefined;
}

interface BestModel {
  /** All variables, quantizer state and moving statistics included. */
  readonly state: ModelState;
  /** They follow the learned n (`setSparseEbopsFactor`) and belong to the EBOPs of that epoch. */
  readonly ebopsFactors: ReadonlyMap<string, number>;
}

/**
 * Keeps the best epoch (all variables of the model, quantizer state and moving statistics included, and EBOPs factors) and stops when it does not
 * get better. With the default patience it never stops and is what other toolkits call
 * "restore best weights". Used again in another training, it begins anew, as in Keras.
 *
 * @throws OptionError for unknown options, a mode that is neither 'min' nor 'max' or is missing where the name does not tell, a `minDelta`, `patience` or `startFromEpoch` that is not ≥ 0; when the monitored number is not in the logs, from `fit`; put callbacks that add it before this one.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  return stoppingCalled('earlyStopping', options);
}

/** `earlyStopping` under the name by which the user knows it. */
export function stoppingCalled(where: string, options: EarlyStoppingOptions): EarlyStopping {
  const { monitor = 'valLoss', minDelta = 0, patience = Number.POSITIVE_INFINITY } = options;
  const { startFromEpoch = 0, ebopsThreshold = Number.POSITIVE_INFINITY, restoreBestWeights = true } = options;
  checkOptionNames(options, optionNames, where);
  for (const [name, number] of Object.entries({ minDelta, patience, startFromEpoch, ebopsThreshold })) {
    if (!(number >= 0)) throw new OptionError(`${where}: ${name} ${number} is not a number ≥ 0`);
  }
  const quantity = watched(where, monitor, options.mode, options.monitor === undefined);
  let state: State | undefined;
  const seen = seenEpochs();
  /** The model whose best epoch is kept; undefined: that of a checkpoint. */
  let owner: FitContext['model'] | undefined;
  return forFit({
    name: where,
    keepsImages: true,
    best: () => (state === undefined ? undefined : { epoch: state.epoch + 1, value: state.value }),
    onTrainBegin: (context) => sayNotes(context, [quantity]),
    onEpochBegin(epoch) {
      if (seen.begin(epoch)) state = undefined;
    },
    onEpochEnd(epoch, logs, context) {
      owner = context.model;
      if (epoch < startFromEpoch) return;
      const value = quantity.value(logs);
      if (state === undefined || quantity.isBetter(value, state.value, minDelta)) {
        const { model } = context;
        const best = restoreBestWeights ? { state: modelState(model), ebopsFactors: ebopsFactors(model) } : undefined;
        state = { epoch, value, waited: 0, best };
      } else {
        state = { ...state, waited: state.waited + 1 };
        if (state.waited >= patience && (logs.ebops ?? 0) <= ebopsThreshold) {
          context.stop(`no better ${typeof monitor === 'string' ? monitor : 'epoch'} for ${state.waited} epochs`);
        }
      }
    },
    onTrainEnd({ model }) {
      // Another training may have ended before its first epoch.
      if (state?.best === undefined || (owner !== undefined && owner !== model)) return;
      restoreState(model, state.best.state);
      restoreEbopsFactors(model, state.best.ebopsFactors);
    },
    state: () => state,
    restore(saved) {
      state = saved as State | undefined;
      owner = undefined;
      seen.forget();
    },
  });
}
