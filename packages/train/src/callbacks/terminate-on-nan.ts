import { namedVariables } from '@sp/layers/internal';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import { TrainingError } from '../training-error.ts';

/**
 * Ends training with an error when a number of the epoch's logs or a variable of the model is not finite, naming it. `fit` itself refuses a
 * loss that is not finite; this also finds what does not reach the training loss: validation, and the weights after the last step.
 */
export function terminateOnNaN(): FitCallback {
  return forFit({
    name: 'terminateOnNaN',
    keepsImages: true,
    onEpochEnd(epoch, logs, { model }) {
      const [name, value] = Object.entries(logs).find(([, number]) => !Number.isFinite(number)) ?? [];
      const variable = firstNonFinite(model);
      if (name === undefined && variable === undefined) return;
      const log = name === undefined ? '' : `'${name}' is ${value}; `;
      const where =
        variable === undefined ? 'all variables are finite' : `'${variable}' holds a number that is not finite`;
      throw new TrainingError(`epoch ${epoch + 1}: ${log}${where}. Lower the learning rate or clip the gradients.`);
    },
  });
}

/** Name of the first variable of a model that holds a number that is not finite, `conv1/kernel`. */
export function firstNonFinite(model: FitContext['model']): string | undefined {
  for (const [name, variable] of namedVariables(model)) {
    if (!variable.dataSync<'float32'>().every(Number.isFinite)) return name;
  }
  return undefined;
}
