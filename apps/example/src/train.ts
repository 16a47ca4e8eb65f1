import { setBackend } from '@sp/layers';
import {
  adam,
  cosineLr,
  type Dataset,
  earlyStopping,
  type Logs,
  pixelFormat,
  printWarnings,
  progress,
  resumeFit,
  settleBudget,
  softmaxCrossEntropy,
  sparseTrainingMonitor,
  type TimedWarning,
} from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import { exampleNetwork } from './network.ts';
import type { Options } from './options.ts';
import { presetOf } from './presets.ts';

/** A trained network and how it came about. */
export interface TrainedNetwork {
  readonly model: tf.LayersModel;
  readonly history: readonly Readonly<Logs>[];
  /** Epoch whose weights were kept, counted from 0. */
  readonly bestEpoch: number;
  /** Time of all epochs, those before an interruption included. */
  readonly seconds: number;
  /** What usually ends in a bad network, as it was printed. */
  readonly warnings: readonly TimedWarning[];
  /** Whether the signal ended the training before its last epoch. */
  readonly aborted: boolean;
  /** What computed it: 'fused', or 'tfjs' with the reason. */
  readonly engine: string;
}

/** Tells how the training goes. */
export interface TrainOutput {
  readonly write: (text: string) => void;
  readonly tty: boolean;
  readonly columns: number;
}

/** Builds the network for `options` with its initial weights. */
export function untrainedNetwork(train: Dataset, options: Options): tf.LayersModel {
  const { n, threshold, seed } = options;
  const { architecture, penalties } = presetOf(options.data);
  return exampleNetwork({
    architecture,
    penalties,
    shape: train.shape,
    classes: train.classes,
    inputFormat: pixelFormat(train),
    n,
    threshold,
    seed,
  });
}

/**
 * Trains the example's network on `train` and keeps the weights of the epoch with the lowest training loss.
 *
 * @param checkpoints folder that gets a checkpoint after every epoch; from the newest one there the training goes on.
 */
export async function trainNetwork(
  train: Dataset,
  options: Options,
  checkpoints: string,
  output: TrainOutput,
  signal: AbortSignal,
): Promise<TrainedNetwork> {
  const { backend } = await setBackend('auto');
  const model = untrainedNetwork(train, options);
  const { batchSize, learningRate, labelSmoothing, learnReduction, thresholdRate, budgetRate } = presetOf(
    options.data,
  ).recipe;
  const { epochs, seed, n, parallelizationFactor = 1, engine } = options;
  const by = engine === 'tfjs' ? `with the ${backend} backend of TensorFlow.js` : 'on lists of their active pixels';
  output.write(`training on ${train.labels.length} images ${by}\n`);
  const freezeEpoch = Math.floor(epochs * learnReduction);
  const warn = printWarnings({
    write: (text) => output.write(output.tty ? `\r\u001b[2K${text}` : text),
    data: train,
  });
  const keepBest = earlyStopping({ monitor: 'loss', mode: 'min', startFromEpoch: freezeEpoch });
  const result = await resumeFit(model, train, {
    engine,
    checkpoints: { directory: checkpoints },
    epochs,
    batchSize,
    seed,
    optimizer: adam(),
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch: Math.ceil(train.labels.length / batchSize) }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
    rates: (variable, epoch) => {
      if (!variable.startsWith('reduce/')) return 1;
      return epoch >= freezeEpoch ? 0 : variable.endsWith('threshold') ? thresholdRate : budgetRate;
    },
    callbacks: [
      settleBudget({ at: freezeEpoch, most: n, multiple: parallelizationFactor }),
      sparseTrainingMonitor(),
      keepBest,
      warn,
      progress(output),
    ],
    signal,
  });
  const { epochs: history, stopped } = result;
  return {
    model,
    engine: result.engine,
    history,
    bestEpoch: keepBest.best()?.epoch ?? history.length,
    seconds: history.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
    warnings: warn.warnings(),
    aborted: stopped === 'aborted',
  };
}
