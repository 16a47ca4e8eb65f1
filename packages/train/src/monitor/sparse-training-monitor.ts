import { collectInputReduces, collectQLayers } from '@sp/layers';
import { setSparseEbopsFactor } from '../ebops/sparse-ebops-factor.ts';
import type { FitCallback } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import { checkOptionNames } from '../option-names.ts';

/** What `sparseTrainingMonitor` does besides looking. */
export interface MonitorOptions {
  /** Keep the EBOPs factors of sparse convolutions in step with the learned `n` (`setSparseEbopsFactor`). Default true. */
  readonly sparseEbops?: boolean;
}

/**
 * Adds to the logs of each epoch: `n`, `threshold`, `ebops` (of the model as it now is), `beta` (mean over the layers that count EBOPs), and
 * the split of the loss (sparsepixels §4, 10) into `lossTask` (by `fit`), `lossEbops` = Σ β·EBOPs, `lossN` = β_n·n, `lossBits` = regularisers of bit
 * widths, and the rest: `lossMasked`, the price of dropped intensity, if an input reduction has one (`betaMaskedE`), else `lossOther`; either
 * includes regularisers of kernels. The loss is the epoch's mean, the other terms are those at its end: the rest is only as exact as they are steady.
 * Under `model.fit` (`stockCallback`), which tells no `lossTask`, there is no rest.
 *
 * @throws OptionError for unknown options.
 */
export function sparseTrainingMonitor(options: MonitorOptions = {}): FitCallback {
  checkOptionNames(options, ['sparseEbops'], 'sparseTrainingMonitor');
  const { sparseEbops = true } = options;
  return forFit({
    name: 'sparseTrainingMonitor',
    keepsImages: true,
    // Those of `nMaxPixels`.
    onlyVariables: ['n_frac'],
    onTrainBegin: ({ model }) => {
      if (sparseEbops) setSparseEbopsFactor(model);
    },
    onStepEnd: (_epoch, _step, _logs, { model }) => {
      if (sparseEbops) setSparseEbopsFactor(model);
    },
    onEpochEnd: (_epoch, logs, { model }) => {
      const counting = collectQLayers(model).filter(({ enableEbops }) => enableEbops);
      const reduces = collectInputReduces(model);
      logs.ebops = counting.reduce((sum, layer) => sum + layer.ebops, 0);
      logs.lossEbops = counting.reduce((sum, layer) => sum + layer.beta * layer.ebops, 0);
      if (counting.length > 0) logs.beta = counting.reduce((sum, layer) => sum + layer.beta, 0) / counting.length;
      logs.lossN = reduces.reduce((sum, { learnN, betaN, nMaxPixels }) => sum + (learnN ? betaN * nMaxPixels : 0), 0);
      if (reduces.length === 1) {
        logs.n = reduces[0].nMaxPixels;
        logs.threshold = reduces[0].threshold;
      }
      logs.lossBits = collectQLayers(model)
        .flatMap(({ lossTerms }) => lossTerms)
        .reduce((sum, { name, value }) => (name === 'ebops' ? sum : sum + value), 0);
      // `model.fit` does not tell the task's loss: what is left cannot be said then.
      if (!('lossTask' in logs && 'loss' in logs)) return;
      const rest = logs.loss - logs.lossTask - logs.lossEbops - logs.lossN - logs.lossBits;
      logs[reduces.some(({ betaMaskedE }) => betaMaskedE > 0) ? 'lossMasked' : 'lossOther'] = rest;
    },
  });
}
