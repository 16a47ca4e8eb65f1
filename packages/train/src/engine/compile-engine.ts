import type * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../data/dataset.ts';
import type { Optimizer, Parameter } from '../fit/optimizer.ts';
import { imageLists } from './image-lists.ts';
import { program } from './program.ts';
import { gatherSites, siteBatch } from './site-batch.ts';
import { type EngineLoss, taskLoss } from './task-loss.ts';
import { engineVariables } from './variables.ts';

/** What to compile besides the model. */
export interface EngineOptions {
  readonly loss: EngineLoss;
  /** Bytes that remembered pixel lists may take before they are made anew. Default 256 MiB. */
  readonly listMemory?: number;
}

/** What a step saw before it changed the variables. */
export interface EngineStep {
  /** Task loss plus all layer losses. */
  readonly loss: number;
  readonly lossTask: number;
  /** Images put in the right class. */
  readonly correct: number;
}

/** A compiled training step. */
export interface Engine {
  /** Copies the model's variables into the engine; needed after anything else has changed them. */
  load(): void;
  /** Copies what the steps changed into the model. */
  sync(): void;
  /** Forward and backward pass over the images `indices[from … to − 1]` of a data set. Follows ranges, as training does. */
  differentiate(data: Dataset, indices: ArrayLike<number>, from: number, to: number): EngineStep;
  /** One optimizer step with the gradients of the last `differentiate`; constraints hold afterwards. */
  update(optimizer: Optimizer, learningRate: number, rateOf: (variable: string) => number): void;
  /** Trained variables with their values and gradients now, in the model's order; views of the engine's memory. */
  readonly parameters: readonly EngineParameter[];
}

/** A trained variable. */
export interface EngineParameter {
  readonly name: string;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

/**
 * Compiles a model into one training step on lists of active pixels: forward, backward and update over typed arrays that
 * are kept from step to step, without tensors. It computes what the layers compute in training (same exactness, same
 * surrogate gradients).
 *
 * Supported: one chain of fixed quantizer layers, `inputReduce`, then `qConv2DSparse`, sparse poolings, quantizer layers,
 * flatten and `qDense` with linear or relu activation and fixed-point or dummy quantizers.
 *
 * @returns the engine, or a string that says why the model is not supported.
 */
export function compileEngine(model: tf.LayersModel, options: EngineOptions): Engine | string {
  const { loss, listMemory = 2 ** 28 } = options;
  const variables = engineVariables(model);
  const compiled = program(model, variables);
  if (typeof compiled === 'string') return compiled;
  const { plan, reduction, operations, imageQuantizers, imageVariables, output, outputs } = compiled;
  if (loss.kind === 'sigmoidCrossEntropy' && outputs !== 1) {
    return `sigmoidCrossEntropy needs one output, the model has ${outputs}`;
  }
  const parameters: EngineParameter[] = [];
  for (const { name, variable } of variables.trained) {
    if (variable.gradient == null) return `the loss does not depend on '${name}'`;
    parameters.push({ name, values: variable.values, gradient: variable.gradient });
  }
  const lists = imageLists(plan);
  const batch = siteBatch(plan, lists);
  const [{ height, width }] = plan.levels;
  const pixels = height * width * plan.channels;
  const image = new Float64Array(pixels);
  const elements = Int32Array.from({ length: pixels }, (_, j) => j);
  let known: { readonly data: Dataset; readonly entryOf: Int32Array } | null = null;
  let selectionOfLists = '';
  let stepParameters: (Parameter & { rate: number })[] | null = null;

  function addImage(data: Dataset, index: number): number {
    const from = index * pixels;
    for (let j = 0; j < pixels; j++) image[j] = data.images[from + j];
    for (const quantizer of imageQuantizers)
      image.set(quantizer.forward(image, 1, elements, pixels).subarray(0, pixels));
    if (reduction.isLearned) return lists.add(image, 0, Infinity);
    const { threshold, slots } = reduction.selection();
    return lists.add(image, threshold, slots);
  }

  function forget(): void {
    lists.clear();
    known?.entryOf.fill(-1);
  }

  function take(data: Dataset, indices: ArrayLike<number>, from: number, to: number): void {
    if (known?.data !== data) {
      known = { data, entryOf: new Int32Array(data.labels.length).fill(-1) };
      lists.clear();
    }
    if (lists.bytes > listMemory) forget();
    const { entryOf } = known;
    const size = to - from;
    batch.size = size;
    if (batch.entries.length < size) {
      batch.entries = new Int32Array(size);
      batch.labels = new Int32Array(size);
    }
    for (let b = 0; b < size; b++) {
      const index = indices[from + b];
      if (entryOf[index] < 0) entryOf[index] = addImage(data, index);
      batch.entries[b] = entryOf[index];
      batch.labels[b] = data.labels[index];
    }
    gatherSites(batch);
  }

  const engine: Engine = {
    parameters,
    load() {
      variables.load();
      // Lists depend on a selection that is not learned, and on quantizers before it.
      const { threshold, slots } = reduction.selection();
      const formats = imageVariables.map(({ values }) => values.join()).join('/');
      const now = `${reduction.isLearned ? '' : `${threshold}/${slots}`} ${formats}`;
      if (now !== selectionOfLists) forget();
      selectionOfLists = now;
    },
    sync: variables.sync,
    differentiate(data, indices, from, to) {
      take(data, indices, from, to);
      for (const operation of operations) operation.forward(batch);
      const lossTask = taskLoss(loss, output.values, output.gradient, batch.labels, batch.size, outputs);
      const correct = countRight(output.values, outputs, batch.labels, batch.size);
      let total = lossTask;
      for (const operation of operations) total += operation.penalty?.(batch) ?? 0;
      for (let o = operations.length - 1; o >= 0; o--) operations[o].backward(batch);
      for (const operation of operations) operation.finish?.();
      return { loss: total, lossTask, correct };
    },
    update(optimizer, learningRate, rateOf) {
      stepParameters ??= parameters.map((parameter) => ({ ...parameter, rate: 1 }));
      for (const parameter of stepParameters) parameter.rate = rateOf(parameter.name);
      optimizer.step(stepParameters, learningRate);
      variables.constrain();
    },
  };
  engine.load();
  return engine;
}

/** As `countCorrect`, on the engine's numbers. */
function countRight(outputs: Float64Array, width: number, labels: Int32Array, size: number): number {
  let correct = 0;
  for (let b = 0; b < size; b++) {
    let best = 0;
    if (width === 1) best = outputs[b] > 0 ? 1 : 0;
    else for (let c = 1; c < width; c++) if (outputs[b * width + c] > outputs[b * width + best]) best = c;
    if (best === labels[b]) correct++;
  }
  return correct;
}
