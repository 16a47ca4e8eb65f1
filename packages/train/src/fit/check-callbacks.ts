import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import type { FitCallback } from './callback.ts';

const methods = [
  'onTrainBegin',
  'onEpochBegin',
  'onStepEnd',
  'onEpochEnd',
  'onTrainEnd',
] as const satisfies readonly (keyof FitCallback)[];

/** Names that tfjs has for what is called otherwise here. */
const ours: Readonly<Record<string, string>> = { onBatchEnd: 'onStepEnd' };

/**
 * Refuses what is no list of callbacks of `fit`: one that is not in a list, those of tfjs, and methods that would never be called.
 *
 * @param where function named in errors
 * @throws OptionError
 */
export function checkCallbacks(callbacks: unknown, where: string): void {
  if (callbacks === undefined) return;
  if (!Array.isArray(callbacks)) {
    throw new OptionError(`${where}: callbacks is no list; put it into brackets: callbacks: [callback]`);
  }
  for (const [index, callback] of callbacks.entries()) {
    const what = `${where}: callbacks[${index}]`;
    if (typeof callback !== 'object' || callback === null) {
      throw new OptionError(`${what} is ${callback === null ? 'null' : `a ${typeof callback}`}, not a callback`);
    }
    if ('setModel' in callback && 'setParams' in callback) {
      throw new OptionError(
        `${what} is a callback of TensorFlow.js; use one of @sp/train (earlyStopping, terminateOnNaN, …) or an object with ${methods.join(', ')}`,
      );
    }
    for (const name of Object.keys(callback).filter((key) => /^on[A-Z]/.test(key) && key !== 'onlyLogs')) {
      if (name in ours)
        throw new OptionError(`${what}: '${name}' is a method of TensorFlow.js' callbacks; here it is '${ours[name]}'`);
      checkOptionNames({ [name]: 1 }, methods, what);
    }
  }
}
