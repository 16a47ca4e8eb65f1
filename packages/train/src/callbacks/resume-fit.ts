import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../data/dataset.ts';
import { adam } from '../fit/adam.ts';
import { type FitOptions, type FitResult, fit } from '../fit/fit.ts';
import { defaultSeed } from '../fit/set-seed.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { type CheckpointOptions, checkpoint, restoreCheckpoint } from './checkpoint.ts';

/** As for `fit`, and where its checkpoints are. */
export interface ResumeOptions extends Omit<FitOptions, 'initialEpoch'> {
  readonly checkpoints: Pick<CheckpointOptions, 'directory' | 'store' | 'every' | 'keep'>;
}

/**
 * `fit` with checkpoints, which goes on from the newest one when there is one: the same call starts a training, and resumes it in another
 * process after a crash, a kill or an abort, with exactly the numbers of a training that was never interrupted. Model, optimizer, callbacks and
 * options must be made as for the first start; work since the last checkpoint is done again, so an epoch that was interrupted is trained as a whole.
 *
 * A training that has ended is not gone on with: after its last epoch, or when a callback has stopped it (`earlyStopping`, `stopIf`), the same call
 * returns the same result at once. More `epochs` than at first prolong it only in the first case.
 *
 * @returns the logs of all epochs, those before the interruption included.
 * @throws as `fit` and `restoreCheckpoint`.
 * @example
 * const abort = new AbortController();
 * process.once('SIGTERM', () => abort.abort());
 * await resumeFit(model, train, { epochs: 100, signal: abort.signal, checkpoints: { directory: 'runs/7' } });
 */
export async function resumeFit(
  model: tf.LayersModel,
  data: Dataset | StreamingDataset,
  options: ResumeOptions,
): Promise<FitResult> {
  const { checkpoints, optimizer = adam(), callbacks = [], seed = defaultSeed(), batchSize = 64, ...rest } = options;
  if (typeof checkpoints !== 'object' || checkpoints === null) {
    throw new OptionError(
      "resumeFit: checkpoints is missing; say where they are: checkpoints: { directory: 'runs/7' }, or { store } in a page",
    );
  }
  checkOptionNames(checkpoints, ['directory', 'store', 'every', 'keep'], 'resumeFit: checkpoints');
  // Without its weights a sequential model has nothing to restore; `fit` builds it too, but later.
  if (model instanceof tf.Sequential && !model.built) model.build();
  const all = [...callbacks, checkpoint({ ...checkpoints, optimizer, callbacks, seed })];
  const { every: _every, keep: _keep, ...place } = checkpoints;
  const stepsPerEpoch = Math.ceil(('labels' in data ? data.labels.length : data.length) / batchSize);
  const start = { ...place, optimizer, callbacks: all, seed, stepsPerEpoch, batchSize };
  const state = await restoreCheckpoint(model, start);
  // Without epochs to do, `fit` lets the callbacks finish their work, e.g. put back the best weights.
  const initialEpoch = state?.ended === undefined ? (state?.epochs ?? 0) : Math.max(state.epochs, rest.epochs);
  const result = await fit(model, data, { ...rest, batchSize, optimizer, callbacks: all, seed, initialEpoch });
  return {
    ...result,
    stopped: state?.ended ?? result.stopped,
    // Checkpoints of earlier versions do not hold the numbers of the epochs.
    epochs: [...(state?.history ?? []).map((logs, index) => ({ epoch: index + 1, ...logs })), ...result.epochs],
  };
}
