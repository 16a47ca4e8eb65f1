import { totalEbops } from '@sp/layers';
import { type EarlyStopping, type EarlyStoppingOptions, stoppingCalled } from '../monitor/early-stopping.ts';
import { OptionError } from '../option-error.ts';

/** As for `earlyStopping`; the patience has to be said. */
export interface EarlyStoppingWithEbopsThresholdOptions extends Omit<EarlyStoppingOptions, 'ebopsThreshold'> {
  /** Epochs without a better one before training stops, once EBOPs are low enough. */
  readonly patience: number;
}

/**
 * Early stopping that waits until the model has become small enough: it goes on, although patience has ended, while EBOPs exceed the threshold
 * (hgq2 §5.7 `EarlyStoppingWithEbopsThres`). Counts EBOPs itself where the logs do not hold them. With `startFromEpoch` or an own `monitor`
 * choose what counts as best: an early, large model may be the most accurate one.
 *
 * @throws OptionError for a threshold that is not ≥ 0 or a patience that is not ≥ 0.
 */
export function earlyStoppingWithEbopsThreshold(
  ebopsThreshold: number,
  options: EarlyStoppingWithEbopsThresholdOptions,
): EarlyStopping {
  for (const [name, value] of Object.entries({ ebopsThreshold, patience: options.patience })) {
    if (!(value >= 0)) {
      throw new OptionError(`earlyStoppingWithEbopsThreshold: ${name} ${value} is not a number ≥ 0`);
    }
  }
  const stopping = stoppingCalled('earlyStoppingWithEbopsThreshold', { ...options, ebopsThreshold });
  return {
    ...stopping,
    onEpochEnd(epoch, logs, context) {
      logs.ebops ??= totalEbops(context.model);
      return stopping.onEpochEnd?.(epoch, logs, context);
    },
  };
}
