import { collectQLayers, type QLayer } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import type { FitCallback } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import { seenEpochs } from '../fit/seen-epochs.ts';
import { OptionError } from '../option-error.ts';
import { type BetaPidOptions, type BetaPidState, betaPid } from '../schedule/beta-pid.ts';
import { atLeast } from '../schedule/lr-schedule.ts';
import type { BetaSchedule } from '../schedule/piecewise-beta.ts';

/**
 * Sets β of all layers that count EBOPs at the start of every epoch (hgq2 §5.7 `BetaScheduler`). Logs `beta`.
 *
 * @throws OptionError from `fit` for a β that is not ≥ 0, or a model of which no layer counts EBOPs.
 */
export function betaScheduler(schedule: BetaSchedule): FitCallback {
  return forFit({
    name: 'betaScheduler',
    keepsImages: true,
    onEpochBegin: (epoch, { model }) => {
      const beta = atLeast(schedule(epoch), 0, `betaScheduler: β of epoch ${epoch}`);
      for (const layer of countingLayers(model, 'betaScheduler')) layer.beta = beta;
    },
    onEpochEnd: (epoch, logs) => {
      logs.beta = schedule(epoch);
    },
  });
}

/**
 * Steers β such that EBOPs reach a target (hgq2 §5.7 `BetaPID`, see `betaPid`). Logs `beta` and `ebops`. Used again in another training, it begins
 * anew.
 *
 * @throws OptionError as `betaPid`; from `fit` for a model of which no layer counts EBOPs.
 */
export function betaPidController(options: BetaPidOptions): FitCallback {
  const controller = betaPid(options);
  let pid: BetaPidState = controller.start;
  let ebops: number | undefined;
  const seen = seenEpochs();
  return forFit({
    name: 'betaPidController',
    keepsImages: true,
    onTrainBegin: ({ model }) => void countingLayers(model, 'betaPidController'),
    onEpochBegin: (epoch, { model }) => {
      if (seen.begin(epoch)) [pid, ebops] = [controller.start, undefined];
      const layers = countingLayers(model, 'betaPidController');
      if (ebops === undefined) {
        const { initBeta } = options;
        if (initBeta !== undefined) for (const layer of layers) layer.beta = initBeta;
        return;
      }
      const mean = layers.reduce((sum, { beta }) => sum + beta, 0) / layers.length;
      const next = controller.next(pid, epoch, mean, ebops);
      pid = next.state;
      for (const layer of layers) layer.beta = next.beta;
    },
    onEpochEnd: (_epoch, logs, { model }) => {
      const layers = countingLayers(model, 'betaPidController');
      ebops = layers.reduce((sum, layer) => sum + layer.ebops, 0);
      logs.ebops = ebops;
      logs.beta = layers.reduce((sum, { beta }) => sum + beta, 0) / layers.length;
    },
    state: () => ({ pid, ebops }),
    restore(saved) {
      ({ pid, ebops } = saved as { pid: BetaPidState; ebops: number | undefined });
      seen.forget();
    },
  });
}

/** A β that no layer asks for would be ignored without a word. */
function countingLayers(model: tf.LayersModel, where: string): readonly QLayer[] {
  const layers = collectQLayers(model).filter(({ enableEbops }) => enableEbops);
  if (layers.length === 0) {
    throw new OptionError(
      `${where}: no layer of the model counts EBOPs; give quantised layers enableEbops: true and an input quantizer`,
    );
  }
  return layers;
}
