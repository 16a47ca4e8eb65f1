import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import type { Logs } from '../fit/logs.ts';
import { seenEpochs } from '../fit/seen-epochs.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';

/** How long a condition has to hold. Give at most one of the two. */
export interface StopIfOptions {
  /** Stop when it has held for more than this many consecutive epochs. Default 0: at once. */
  readonly patienceEpochs?: number;
  /** Ask after every optimizer step instead, with the means of the epoch so far, and stop at once after more than this many. */
  readonly patienceSteps?: number;
}

/**
 * Stops when a condition has held for more than a number of consecutive epochs or steps (hgq2 §5.7 `StopIf`). Used again in another training, it
 * begins anew.
 *
 * @throws OptionError for unknown options, a patience that is not a number ≥ 0, or two of them.
 * @example
 * stopIf((logs) => logs.ebops < 5000, { patienceEpochs: 3 });
 */
export function stopIf(
  condition: (logs: Readonly<Logs>, model: FitContext['model']) => boolean,
  options: StopIfOptions = {},
): FitCallback {
  checkOptionNames(options, ['patienceEpochs', 'patienceSteps'], 'stopIf');
  const { patienceEpochs, patienceSteps } = options;
  if (patienceEpochs !== undefined && patienceSteps !== undefined) {
    throw new OptionError('stopIf: both patienceEpochs and patienceSteps; give one of them');
  }
  const patience = patienceSteps ?? patienceEpochs ?? 0;
  if (!(patience >= 0)) throw new OptionError(`stopIf: patience ${patience} is not a number ≥ 0`);
  const unit = patienceSteps === undefined ? 'epochs' : 'steps';
  let held = 0;
  const seen = seenEpochs();
  const look = (logs: Readonly<Logs>, context: FitContext): void => {
    held = condition(logs, context.model) ? held + 1 : 0;
    if (held > patience) {
      context.stop(`the condition of stopIf held for ${held} ${unit}`, unit === 'steps' ? 'step' : 'epoch');
    }
  };
  return forFit({
    name: 'stopIf',
    keepsImages: true,
    onlyLogs: unit === 'epochs',
    onEpochBegin(epoch) {
      if (seen.begin(epoch)) held = 0;
    },
    onStepEnd(_epoch, _step, logs, context) {
      if (unit === 'steps') look(logs, context);
    },
    onEpochEnd(_epoch, logs, context) {
      if (unit === 'epochs') look(logs, context);
    },
    state: () => held,
    restore(state) {
      held = state as number;
      seen.forget();
    },
  });
}
