import { collectQLayers } from '@sp/layers';
import type { FitCallback } from '../fit/callback.ts';
import { type BetaPidOptions, type BetaPidState, betaPid } from '../schedule/beta-pid.ts';
import type { BetaSchedule } from '../schedule/piecewise-beta.ts';

/** Sets β of all layers that count EBOPs at the start of every epoch (hgq2 §5.7 `BetaScheduler`). Logs `beta`. */
export function betaScheduler(schedule: BetaSchedule): FitCallback {
  return {
    name: 'betaScheduler',
    onEpochBegin: (epoch, { model }) => {
      for (const layer of collectQLayers(model)) if (layer.enableEbops) layer.beta = schedule(epoch);
    },
    onEpochEnd: (epoch, logs) => {
      logs.beta = schedule(epoch);
    },
  };
}

/** Steers β such that EBOPs reach a target (hgq2 §5.7 `BetaPID`, see `betaPid`). Logs `beta` and `ebops`. */
export function betaPidController(options: BetaPidOptions): FitCallback {
  const controller = betaPid(options);
  let pid: BetaPidState = controller.start;
  let ebops: number | undefined;
  return {
    name: 'betaPidController',
    onTrainBegin: ({ model }) => {
      const { initBeta } = options;
      if (initBeta === undefined || ebops !== undefined) return;
      for (const layer of collectQLayers(model)) if (layer.enableEbops) layer.beta = initBeta;
    },
    onEpochBegin: (epoch, { model }) => {
      const layers = collectQLayers(model).filter(({ enableEbops }) => enableEbops);
      if (ebops === undefined || layers.length === 0) return;
      const mean = layers.reduce((sum, { beta }) => sum + beta, 0) / layers.length;
      const next = controller.next(pid, epoch, mean, ebops);
      pid = next.state;
      for (const layer of layers) layer.beta = next.beta;
    },
    onEpochEnd: (_epoch, logs, { model }) => {
      const layers = collectQLayers(model).filter(({ enableEbops }) => enableEbops);
      ebops = layers.reduce((sum, layer) => sum + layer.ebops, 0);
      logs.ebops = ebops;
      if (layers.length > 0) logs.beta = layers.reduce((sum, { beta }) => sum + beta, 0) / layers.length;
    },
    state: () => ({ pid, ebops }),
    restore(saved) {
      ({ pid, ebops } = saved as { pid: BetaPidState; ebops: number | undefined });
    },
  };
}
