import {
  adam,
  cosineLr,
  type Dataset,
  earlyStopping,
  type FitCallback,
  type Logs,
  resumeFit,
  settleBudget,
  softmaxCrossEntropy,
  sparseTrainingMonitor,
} from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import type { Metrics } from '../study/trial.ts';
import type { ParameterValues } from './search-network.ts';

/** How one network is trained. */
export interface TrainNetworkOptions {
  readonly at: ParameterValues;
  readonly seed: number;
  readonly train: Dataset;
  /** Evaluated after every epoch; undefined: nothing is. */
  readonly heldOut?: Dataset;
  readonly epochs: number;
  /** Folder for checkpoints, from which the training goes on. */
  readonly checkpoints: string;
  /** Epochs between checkpoints. */
  readonly every: number;
  readonly signal?: AbortSignal;
  /** Epochs after which `onRung` is asked. */
  readonly rungs?: readonly number[];
  /** What is known after so many epochs; false: the training ends. */
  readonly onRung?: (epochs: number, metrics: Metrics) => boolean;
}

/** What a rung of a training knows. */
export const RUNG_METRICS = ['valAccuracy', 'valLoss', 'loss', 'accuracy', 'ebops', 'n', 'threshold'] as const;

/** Factors on the learning rate: budget and threshold shall follow the network, not run ahead of it. */
const rates = { threshold: 0.1, budget: 0.05 } as const;

/**
 * Trains a network as its parameters say, and keeps the epoch with the lowest training loss after the budget has come to rest. Killed, the same call goes on from the last
 * checkpoint and gives the same.
 *
 * @returns what is known after the last epoch; null when a rung has ended it
 * @throws TrainingError when the loss stops being a number
 */
export async function trainNetwork(model: tf.LayersModel, options: TrainNetworkOptions): Promise<Metrics | null> {
  const { at, seed, train, heldOut, epochs, checkpoints, every, signal, rungs = [], onRung = () => true } = options;
  const rest = Math.min(epochs - 1, Math.floor(epochs * at('learn')));
  const batchSize = at('batchSize');
  const atRungs: FitCallback = {
    name: 'rungs',
    keepsImages: true,
    onEpochEnd: (epoch, logs, context) => {
      if (rungs.includes(epoch + 1) && !onRung(epoch + 1, known(logs))) context.stop('pruned');
    },
  };
  const { epochs: history, stopped } = await resumeFit(model, train, {
    checkpoints: { directory: checkpoints, every, keep: 1 },
    epochs,
    batchSize,
    seed,
    threads: 1,
    optimizer: adam(),
    learningRate: cosineLr(at('learningRate'), { epochs, stepsPerEpoch: Math.ceil(train.labels.length / batchSize) }),
    loss: softmaxCrossEntropy({ labelSmoothing: at('labelSmoothing') }),
    rates: (variable, epoch) => {
      if (!variable.startsWith('reduce/')) return 1;
      return epoch >= rest ? 0 : variable.endsWith('threshold') ? rates.threshold : rates.budget;
    },
    ...(heldOut !== undefined && { validation: heldOut }),
    callbacks: [
      settleBudget({ at: rest, most: at('n') }),
      sparseTrainingMonitor(),
      earlyStopping({ monitor: 'loss', mode: 'min', startFromEpoch: rest }),
      atRungs,
    ],
    say: () => {},
    ...(signal !== undefined && { signal }),
  });
  // Of rungs before an interruption the callback knows nothing.
  const ended = rungs.filter((rung) => rung <= history.length).some((rung) => !onRung(rung, known(history[rung - 1])));
  if (signal?.aborted || ended || stopped === 'pruned') return null;
  return known(history[history.length - 1]);
}

function known(logs: Readonly<Logs>): Metrics {
  return Object.fromEntries(RUNG_METRICS.flatMap((name) => (logs[name] === undefined ? [] : [[name, logs[name]]])));
}
