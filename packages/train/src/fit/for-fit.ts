import { OptionError } from '../option-error.ts';
import type { FitCallback } from './callback.ts';

/** Place of the context among the arguments of a callback's methods. */
const contextAt = { onTrainBegin: 0, onEpochBegin: 1, onStepEnd: 3, onEpochEnd: 2, onTrainEnd: 0 } as const;

/** What only a `FitContext` has; the logs that tfjs gives in its place have none of it. */
const ofContext = ['stop', 'say', 'model', 'epochs', 'stepsPerEpoch'];

/** The callback, which says what to do when it is given to `model.fit` of tfjs, where it would fail on something that it is not given. */
export function forFit<Callback extends FitCallback>(callback: Callback): Callback {
  const check = (context: unknown): void => {
    if (typeof context === 'object' && context !== null && ofContext.some((name) => name in context)) return;
    throw new OptionError(
      `${callback.name} is a callback of fit of @sp/train, not of model.fit of TensorFlow.js; use fit(model, data, { callbacks: [${callback.name}(…)] }), or stockCallback(model, [${callback.name}(…)], { epochs, stepsPerEpoch }) in model.fit`,
    );
  };
  const checked: Record<string, unknown> = {};
  for (const [name, at] of Object.entries(contextAt)) {
    const own = callback[name as keyof typeof contextAt] as ((...values: unknown[]) => unknown) | undefined;
    if (own === undefined && name !== 'onTrainBegin') continue;
    checked[name] = (...values: unknown[]) => {
      check(values[at]);
      return own?.apply(callback, values);
    };
  }
  return { ...callback, ...checked };
}
