import { collectInputReduces } from '@sp/layers';
import type { FitCallback } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';

/** When and at what a learned pixel budget comes to rest. */
export interface SettleBudgetOptions {
  /** Epoch, counted from 0, at whose start it is set; from then on `rates` of `fit` should hold it still. */
  readonly at: number;
  /** Most pixels. */
  readonly most: number;
  /** It becomes a multiple of this, e.g. of a parallelization factor. Default 1. */
  readonly multiple?: number;
}

/**
 * Sets the pixel budget of every input reduction to a whole number at the start of an epoch: at most `most`, and a multiple of `multiple`, rounded down.
 *
 * @throws OptionError for unknown options, an epoch below 0, and numbers that are not whole and ≥ 1
 */
export function settleBudget(options: SettleBudgetOptions): FitCallback {
  checkOptionNames(options, ['at', 'most', 'multiple'], 'settleBudget');
  const { at, most, multiple = 1 } = options;
  for (const [name, value, least] of [
    ['at', at, 0],
    ['most', most, 1],
    ['multiple', multiple, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new OptionError(`settleBudget: ${name} ${value} is not a whole number ≥ ${least}`);
    }
  }
  return forFit({
    name: 'settleBudget',
    keepsImages: true,
    onEpochBegin: (epoch, { model }) => {
      if (epoch !== at) return;
      for (const layer of collectInputReduces(model)) {
        const n = Math.max(multiple, Math.floor(Math.min(most, layer.nMaxPixels) / multiple) * multiple);
        layer.variables.fraction.assign(Float32Array.of(n / layer.n));
      }
    },
  });
}
