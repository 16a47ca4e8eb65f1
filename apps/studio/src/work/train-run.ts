import { collectInputReduces, type ModelState, modelState, restoreState, totalEbops } from '@sp/layers';
import {
  adam,
  type CheckpointStore,
  cosineLr,
  earlyStopping,
  evaluate,
  type FitCallback,
  pixelFormat,
  printWarnings,
  resumeFit,
  setSparseEbopsFactor,
  settleBudget,
  softmaxCrossEntropy,
  sparseTrainingMonitor,
} from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import { type NetworkSpec, reductionOf } from '../project/network.ts';
import type { EpochLogs, RunResult } from '../project/run.ts';
import { freezeEpoch, reductionRates, type TrainingSettings } from '../project/training-settings.ts';
import { buildModel } from './build-model.ts';
import type { StudyData } from './study-data.ts';

/** What to train, and who is told of it. */
export interface TrainingTask {
  readonly network: NetworkSpec;
  readonly training: TrainingSettings;
  readonly data: StudyData;
  readonly checkpoints: CheckpointStore;
  readonly signal?: AbortSignal;
  /** Threads of the engine. Default as many as help. */
  readonly threads?: number;
  /** After every epoch. */
  readonly onEpoch?: (logs: EpochLogs) => void;
  /** Waited for before every epoch, when the checkpoint of the one before is kept. */
  readonly between?: () => Promise<void>;
  /** What should be known, in a sentence. */
  readonly note?: (text: string) => void;
}

/** A trained network. */
export interface TrainedRun {
  readonly model: tf.LayersModel;
  readonly history: readonly EpochLogs[];
  readonly result: RunResult;
  readonly wasAborted: boolean;
}

/** Trains a network, or goes on where the newest checkpoint is. `runScript` prints the same as code. */
export async function trainRun(task: TrainingTask): Promise<TrainedRun> {
  const { network, training, data, checkpoints, signal, threads, note = () => {} } = task;
  const { epochs, batchSize, learningRate, labelSmoothing, seed } = training;
  const model = freshModel(network, data, seed);
  const freeze = freezeEpoch(training);
  const reduction = reductionOf(network);
  if (reduction === undefined) throw new Error('The network has no input reduction; add one at its top.');
  const best = earlyStopping({ monitor: 'loss', mode: 'min', startFromEpoch: freeze });
  const result = await resumeFit(model, data.train, {
    epochs,
    batchSize,
    seed,
    optimizer: adam(),
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch: Math.ceil(data.train.labels.length / batchSize) }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
    rates: (variable, epoch) => {
      if (!variable.startsWith(`${reduction.name}/`)) return 1;
      return epoch >= freeze ? 0 : variable.endsWith('threshold') ? reductionRates.threshold : reductionRates.budget;
    },
    callbacks: [
      settleBudget({ at: freeze, most: reduction.n }),
      sparseTrainingMonitor(),
      best,
      printWarnings({ write: note, data: data.train }),
      teller(task),
    ],
    checkpoints: { store: checkpoints },
    say: note,
    ...(data.validation === null ? {} : { validation: data.validation }),
    ...(signal && { signal }),
    ...(threads !== undefined && { threads }),
  });
  const history = result.epochs;
  const found = { bestEpoch: best.best()?.epoch ?? history.length, engine: result.engine };
  return {
    model,
    history,
    result: { ...runResult(model, data), ...found, seconds: secondsOf(history) },
    wasAborted: result.stopped === 'aborted',
  };
}

/** The untrained model of a network for some data. */
export function freshModel(network: NetworkSpec, { train }: StudyData, seed: number): tf.LayersModel {
  const { shape, classes } = train;
  return buildModel(network, { shape, classes, inputFormat: pixelFormat(train), seed });
}

/** The model of a run that was trained before. */
export function trainedModel(network: NetworkSpec, data: StudyData, seed: number, state: ModelState): tf.LayersModel {
  const model = freshModel(network, data, seed);
  restoreState(model, state);
  return model;
}

/** Variables of a trained model, to keep. */
export function trainedState(model: tf.LayersModel): ModelState {
  return modelState(model);
}

function runResult(model: tf.LayersModel, { test, validation }: StudyData) {
  setSparseEbopsFactor(model);
  const [{ nMaxPixels: n, threshold }] = collectInputReduces(model);
  return {
    testAccuracy: evaluate(model, test).accuracy,
    valAccuracy: validation === null ? null : evaluate(model, validation).accuracy,
    ebops: totalEbops(model),
    n,
    threshold,
  };
}

function secondsOf(history: readonly EpochLogs[]): number {
  return history.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
}

function teller({ onEpoch, between }: TrainingTask): FitCallback {
  return {
    name: 'teller',
    keepsImages: true,
    onEpochBegin: () => between?.(),
    onEpochEnd: (_, logs) => onEpoch?.({ ...logs }),
  };
}
