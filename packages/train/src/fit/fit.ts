import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../data/dataset.ts';
import type { LossFunction, LossName } from '../engine/loss-function.ts';
import type { Optimizer } from '../engine/optimizer.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { atLeast, type LrSchedule } from '../schedule/lr-schedule.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { TrainingError } from '../training-error.ts';
import { chanceOf, deadTraining } from '../warnings/dead-training.ts';
import { adam } from './adam.ts';
import type { FitCallback, FitContext } from './callback.ts';
import { checkCallbacks } from './check-callbacks.ts';
import { checkData, checkSameLabels } from './check-data.ts';
import { checkModel } from './check-model.ts';
import { measure, measureStream, valuesOf } from './evaluate.ts';
import { checkSomeWeight, type ImageWeights, imageWeights, type WeightOptions } from './image-weights.ts';
import type { History, Logs } from './logs.ts';
import { defaultSeed } from './set-seed.ts';
import { fusedRunner, type StepRunner, type Training, tensorRunner } from './step-runner.ts';
import { taskOf } from './task.ts';
import { turn } from './turn.ts';

/** How to train. Weights of images count in the task loss, not in the accuracy (`imageWeights`), those of classes not in validation. */
export interface FitOptions extends WeightOptions {
  /** Passes over the data, ≥ 1. */
  readonly epochs: number;
  /** Epoch to begin with, counted from 0, when a training goes on from a checkpoint (`resumeFit`). Default 0. */
  readonly initialEpoch?: number;
  /** Images per step; the last step of an epoch may have fewer. Default 64. */
  readonly batchSize?: number;
  /** Rate, or rate per optimizer step (`cosineLr`). Default 1e-3. */
  readonly learningRate?: number | LrSchedule;
  /**
   * Factor on the learning rate per trainable variable (`conv1/kernel`, `reduce/threshold`, `dense1/kq/b`) and epoch; 0 freezes the variable.
   * Default 1 for all.
   */
  readonly rates?: (variable: string, epoch: number) => number;
  /** Default `adam()`. */
  readonly optimizer?: Optimizer;
  /**
   * Default: what the model's last activation is made for: 'crossEntropy' for softmax, 'binaryCrossEntropy' for sigmoid, 'softmaxCrossEntropy' for
   * logits, 'sigmoidCrossEntropy' for one of them. Cross-entropies of a softmax or sigmoid are computed from the logits behind it, as in Keras.
   */
  readonly loss?: LossName | LossFunction;
  /**
   * Receives whole lines without their ends: of choices that were left to `fit`, e.g. the loss; and when the fused engine has to compute in
   * another way: without a thread that died (its step is done again, with the same numbers), on one thread where threads cannot share memory,
   * with its kernels in JavaScript where WebAssembly memory is refused (the last bits of losses may differ then). Default `console.warn`.
   */
  readonly say?: (line: string) => void;
  /** Decides the order of the images in every epoch, dropout and noise. Default: that of `setSeed`, else 0. */
  readonly seed?: number;
  /** Evaluated after every epoch. */
  readonly validation?: Dataset | StreamingDataset;
  /** Weight of every image of the validation data in `valLoss`. Default all 1. */
  readonly validationSampleWeight?: ArrayLike<number>;
  readonly callbacks?: readonly FitCallback[];
  /** Ends the training after the present step, or before the next one if none is being computed, as an `AbortController` asks. */
  readonly signal?: AbortSignal;
  /**
   * What computes the steps: 'fused' works on lists of active pixels without tensors and is many times faster, but knows fewer layers
   * (`compileEngine`); 'tfjs' runs the layers; 'auto' takes 'fused' where it can. Both give the same numbers up to rounding. Default 'auto'.
   */
  readonly engine?: 'auto' | 'fused' | 'tfjs';
  /**
   * Threads of the fused engine, this one included; they share the work of a step and do not change its results. Default: as
   * many as have work, up to 4 and the number of processors; in browsers so many in a Web Worker of a page that is cross-origin isolated, else 1.
   */
  readonly threads?: number;
}

/** All names; a record, so that none can be missing. */
const optionNames = Object.keys({
  epochs: 0,
  initialEpoch: 0,
  batchSize: 0,
  learningRate: 0,
  rates: 0,
  optimizer: 0,
  loss: 0,
  say: 0,
  seed: 0,
  validation: 0,
  validationSampleWeight: 0,
  classWeight: 0,
  sampleWeight: 0,
  callbacks: 0,
  signal: 0,
  engine: 0,
  threads: 0,
} satisfies Record<keyof FitOptions, 0>);

/** What came out of a training. */
export interface FitResult extends History {
  /** Why it ended: 'finished', 'aborted', or what a callback gave as its reason. */
  readonly stopped: string;
  /** What computed the steps: 'fused', or 'tfjs', with the reason where 'auto' had to choose it. */
  readonly engine: string;
  /** Name of the loss that was trained; 'own' for a function that is not of this package. */
  readonly loss: LossName | 'own';
}

/**
 * Trains a one-input, one-output classifier.
 *
 * Steps are computed on lists of active pixels where every layer is known there (`compileEngine`), else over tfjs: one `variableGrads` in a
 * `tidy` each, so memory stays flat; the optimizer works on the host. Losses that layers add (EBOPs, pixel budget, regularisers) are part of the
 * loss, constraints hold after every step. The result depends on the initial weights, the data, the options and nothing else. A streaming data set
 * is mixed within blocks and a buffer (`streamBatches`), one in memory as a whole. Callbacks may change images in memory in place
 * (augmentation): every step sees them as they are then.
 *
 * @example
 * const { train } = await loadDigits();
 * await fit(model, train, { epochs: 60, learningRate: cosineLr(3e-3, { epochs: 60, stepsPerEpoch: 23 }) });
 * @throws OptionError for unknown or senseless options, a model with nothing to train, for data, loss and model that do not fit each other, and for
 * `engine: 'fused'` on a model that it does not know; DataError for data in memory with bad values; TrainingError if the loss stops being a finite number.
 */
export async function fit(
  model: tf.LayersModel,
  data: Dataset | StreamingDataset,
  options: FitOptions,
): Promise<FitResult> {
  checkOptionNames(options, optionNames, 'fit');
  checkCallbacks(options.callbacks, 'fit');
  checkModel(model, 'fit');
  const { epochs, batchSize = 64, optimizer = adam(), say = console.warn } = options;
  const { seed = defaultSeed(), initialEpoch = 0, engine = 'auto', threads, validation } = options;
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new OptionError(
      `fit: the model has ${model.inputs.length} inputs and ${model.outputs.length} outputs; it trains models with one of each`,
    );
  }
  // A sequential model is only complete (and knows its layers' losses) once built, which others do at the first call.
  if (model instanceof tf.Sequential && !model.built) model.build();
  for (const [name, value] of Object.entries({ epochs, batchSize })) {
    if (!Number.isInteger(value) || value < 1) throw new OptionError(`fit: ${name} ${value} is not a whole number ≥ 1`);
  }
  if (!Number.isInteger(seed)) throw new OptionError(`fit: seed ${seed} is not a whole number`);
  if (!Number.isInteger(initialEpoch) || initialEpoch < 0) {
    throw new OptionError(`fit: initialEpoch ${initialEpoch} is not a whole number ≥ 0`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new OptionError(`fit: threads ${threads} is not a whole number ≥ 1`);
  }
  const task = taskOf(model, options.loss, 'fit');
  checkData(model, data, task, 'data');
  if (validation !== undefined) {
    checkData(model, validation, task, 'validation');
    checkSameLabels(data, validation);
  }
  if (model.trainableWeights.length === 0) {
    throw new OptionError(
      'fit: the model has nothing to train: all its layers are frozen or have no variables; set trainable of a layer, or of the model, to true',
    );
  }
  const weights = imageWeights(options, sizesOf(data), 'fit');
  if ('labels' in data) checkSomeWeight(weights, data.labels, 'fit');
  const validationWeights = weightsOfValidation(options);
  if (weights !== undefined || validationWeights !== undefined) task.checkWeights('fit');
  const stepsPerEpoch = Math.ceil(sizesOf(data).images / batchSize);
  const imagesChange = (options.callbacks ?? []).some(({ keepsImages }) => keepsImages !== true);
  const note = (message: string): void => say(`fit: ${message}`);
  const training = { model, data, task, optimizer, batchSize, seed, weights, threads, note, imagesChange };
  const { runner, name } = await chosenRunner(engine, training);
  if (task.note !== undefined) say(`fit: ${task.note}`);
  try {
    return await run(runner, training, options, { stepsPerEpoch, engine: name, validationWeights });
  } finally {
    runner.dispose();
  }
}

/** The epochs of a training. */
async function run(
  runner: StepRunner,
  { model, data, task, batchSize }: Training,
  options: FitOptions,
  settings: {
    readonly stepsPerEpoch: number;
    readonly engine: string;
    readonly validationWeights: ImageWeights | undefined;
  },
): Promise<FitResult> {
  const { stepsPerEpoch, engine, validationWeights } = settings;
  const { epochs, learningRate = 1e-3, initialEpoch = 0 } = options;
  const { validation, signal, rates = () => 1 } = options;
  const given = options.callbacks ?? [];
  const watch = given.some(({ name }) => name === 'printWarnings') ? [] : [deadTraining(data)];
  const callbacks = [...given, ...watch];
  const rate = checkedSchedule(learningRate);
  let reason: string | undefined;
  let stopsNow = false;
  const context: FitContext = {
    model,
    epochs,
    initialEpoch,
    batchSize,
    stepsPerEpoch,
    engine,
    say: options.say,
    chance: chanceOf(data),
    get stopped() {
      return reason;
    },
    stop: (why, when = 'epoch') => {
      reason ??= why;
      stopsNow ||= when === 'step';
    },
  };
  const history: Logs[] = [];
  const watched = watchedVariables(callbacks);
  const breathe = breather();
  for (const callback of callbacks) await callback.onTrainBegin?.(context);
  for (let epoch = initialEpoch; epoch < epochs && reason === undefined; epoch++) {
    if (signal?.aborted) {
      reason = 'aborted';
      break;
    }
    for (const callback of callbacks) await callback.onEpochBegin?.(epoch, context);
    const start = performance.now();
    const sums = { loss: 0, lossTask: 0, correct: 0, images: 0 };
    let step = 0;
    runner.begin();
    for await (const batch of runner.steps(epoch)) {
      // Also before the first step: a callback, or somebody else while a stream was read, may have asked.
      if (signal?.aborted) break;
      const lr = rate(epoch * stepsPerEpoch + step);
      const result = inEpoch(epoch, () => batch.run(lr, (variable) => checkedRate(variable, rates(variable, epoch))));
      sums.loss += result.loss * batch.size;
      sums.lossTask += result.lossTask * batch.size;
      sums.correct += result.correct;
      sums.images += batch.size;
      if (watched === 'all') runner.end();
      else if (watched.length > 0) runner.show(watched);
      for (const callback of callbacks) callback.onStepEnd?.(epoch, step, means(sums), context);
      if (watched === 'all') runner.begin();
      step++;
      await breathe();
      if (signal?.aborted || stopsNow) break;
    }
    runner.end();
    if (signal?.aborted) {
      reason = 'aborted';
      break;
    }
    const logs: Logs = { epoch: epoch + 1, ...means(sums), learningRate: rate(epoch * stepsPerEpoch + step - 1) };
    if (validation !== undefined) {
      const predict = runner.predict ?? ((images: Dataset) => valuesOf(task, model, images));
      const { loss: valLoss, accuracy } =
        'labels' in validation
          ? measure(predict, validation, task, validationWeights)
          : await measureStream(predict, validation, task, validationWeights);
      Object.assign(logs, { valLoss, valAccuracy: accuracy });
    }
    logs.seconds = (performance.now() - start) / 1000;
    for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, context);
    history.push(logs);
  }
  for (const callback of callbacks) await callback.onTrainEnd?.(context);
  return { epochs: history, stopped: reason ?? 'finished', engine, loss: task.name };
}

function sizesOf(data: Dataset | StreamingDataset): { readonly images: number; readonly classes: number } {
  return { images: 'labels' in data ? data.labels.length : data.length, classes: data.classes };
}

function weightsOfValidation({ validation, validationSampleWeight }: FitOptions): ImageWeights | undefined {
  if (validationSampleWeight === undefined) return undefined;
  if (validation === undefined) throw new OptionError('fit: validationSampleWeight without validation; give both');
  const options = { sampleWeight: validationSampleWeight };
  return imageWeights(options, sizesOf(validation), 'fit', 'validationSampleWeight');
}

/** The schedule, refusing rates that would make the weights NaN or climb. */
function checkedSchedule(learningRate: number | LrSchedule): LrSchedule {
  const rate: LrSchedule = typeof learningRate === 'number' ? () => learningRate : learningRate;
  return (step) => atLeast(rate(step), 0, `fit: learningRate of step ${step}`);
}

function checkedRate(variable: string, rate: number): number {
  return atLeast(rate, 0, `fit: rates('${variable}')`);
}

/** The runner that the option asks for, and how the result calls it. */
async function chosenRunner(
  engine: 'auto' | 'fused' | 'tfjs',
  training: Training,
): Promise<{ readonly runner: StepRunner; readonly name: string }> {
  if (!['auto', 'fused', 'tfjs'].includes(engine)) {
    throw new OptionError(`fit: engine '${engine}' is none of 'auto', 'fused', 'tfjs'`);
  }
  if (engine === 'tfjs') return { runner: tensorRunner(training), name: 'tfjs' };
  const fused = await fusedRunner(training);
  if (typeof fused !== 'string') return { runner: fused, name: 'fused' };
  if (engine === 'fused') {
    throw new OptionError(`fit: engine 'fused' does not know this training: ${fused}. Use 'auto' or 'tfjs'.`);
  }
  return { runner: tensorRunner(training), name: `tfjs: ${fused}` };
}

/** The variables that callbacks look at after every step, by name; 'all': some may look at all, or change them. */
function watchedVariables(callbacks: readonly FitCallback[]): readonly string[] | 'all' {
  const watching = callbacks.filter(({ onStepEnd, onlyLogs }) => onStepEnd !== undefined && onlyLogs !== true);
  if (watching.some(({ onlyVariables }) => onlyVariables === undefined)) return 'all';
  return [...new Set(watching.flatMap(({ onlyVariables = [] }) => onlyVariables))];
}

/** Makes a function that lets signals, messages and timers through at most every 50 ms. */
function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await turn();
    last = performance.now();
  };
}

function means(sums: { loss: number; lossTask: number; correct: number; images: number }): Logs {
  const { loss, lossTask, correct, images } = sums;
  return { loss: loss / images, lossTask: lossTask / images, accuracy: correct / images };
}

function inEpoch<T>(epoch: number, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (cause instanceof TrainingError) throw new TrainingError(`epoch ${epoch + 1}: ${cause.message}`, { cause });
    throw cause;
  }
}
