import type { Dataset } from '../data/dataset.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import type { Logs } from '../fit/logs.ts';
import { seenEpochs } from '../fit/seen-epochs.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { type ActivityOptions, activityOptionNames, activityWarnings } from './activity-warnings.ts';
import { chanceWarnings } from './chance-warnings.ts';
import { ebopsWarnings } from './ebops-warnings.ts';
import { kernelWarnings } from './kernel-warnings.ts';
import type { ModelWarning } from './model-warning.ts';
import { untracedWarnings } from './untraced-warnings.ts';

/** Where warnings go, and what to look at. */
export interface PrintWarningsOptions extends ActivityOptions {
  /** Writes a line with its end; usually `(text) => process.stderr.write(text)`. */
  readonly write: (text: string) => void;
  /** Images to send through the model for warnings about the signal. Default none: no such warnings. */
  readonly data?: Dataset;
}

/** A warning and when it was given. */
export interface TimedWarning extends ModelWarning {
  /** `before training`, `epoch 3`, `after training`. */
  readonly when: string;
}

/** The callback that prints warnings, with what it has printed. */
export interface PrintWarnings extends FitCallback {
  /** All warnings of this training so far, oldest first. */
  warnings(): readonly TimedWarning[];
}

/**
 * Prints, once each, warnings about a training that is going wrong: at its start kernels that are mostly zero; at the start and after every
 * epoch lost signal and dead layers; after every epoch an accuracy that stays at chance, kernels that are all zero and collapsed EBOPs; at the end quantizers
 * that have to be traced. Put it behind `freeEbops` or `sparseTrainingMonitor`, which log EBOPs. Used again in another
 * training, it begins anew.
 *
 * @throws OptionError for unknown options, and without `write`.
 */
export function printWarnings(options: PrintWarningsOptions): PrintWarnings {
  checkOptionNames(options, ['write', 'data', ...activityOptionNames], 'printWarnings');
  const { write, data, ...activity } = options;
  if (typeof write !== 'function') {
    throw new OptionError('printWarnings: write is no function; give e.g. write: (text) => process.stderr.write(text)');
  }
  let said: readonly TimedWarning[] = [];
  let history: readonly Readonly<Logs>[] = [];
  const seen = seenEpochs();
  const say = (warnings: readonly ModelWarning[], when: string): void => {
    for (const warning of warnings) {
      if (said.some(({ kind, layer }) => kind === warning.kind && layer === warning.layer)) continue;
      said = [...said, { ...warning, when }];
      write(`warning (${when}): ${warning.message}\n`);
    }
  };
  const signal = (model: FitContext['model']): readonly ModelWarning[] =>
    data === undefined ? [] : activityWarnings(model, data, activity);
  return forFit({
    name: 'printWarnings',
    keepsImages: true,
    warnings: () => said,
    onEpochBegin(epoch, { model }) {
      if (seen.begin(epoch)) [said, history] = [[], []];
      if (history.length > 0) return;
      say([...kernelWarnings(model), ...signal(model)], 'before training');
    },
    onEpochEnd(epoch, logs, { model, chance }) {
      const { ebops = 0, accuracy, lossTask = logs.loss } = logs;
      history = [...history, { ebops, accuracy, lossTask }];
      const allZero = kernelWarnings(model).filter(({ share }) => share === 1);
      const guessing = chance === undefined ? [] : chanceWarnings(history, chance);
      say([...guessing, ...allZero, ...signal(model), ...ebopsWarnings(model, history)], `epoch ${epoch + 1}`);
    },
    onTrainEnd({ model }) {
      say(untracedWarnings(model), 'after training');
    },
    state: () => ({ said, history }),
    restore(state) {
      ({ said, history } = state as { said: readonly TimedWarning[]; history: readonly Readonly<Logs>[] });
      seen.forget();
    },
  });
}
