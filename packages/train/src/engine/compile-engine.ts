import { outputHead } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../data/dataset.ts';
import { checkOptionNames } from '../option-names.ts';
import { TrainingError } from '../training-error.ts';
import { partsOf } from './batch/part.ts';
import { runParts } from './batch/run-parts.ts';
import { takeImages } from './batch/take-images.ts';
import type { EngineBackend } from './engine-backend.ts';
import type { EngineLoss } from './engine-loss.ts';
import { EngineParameter } from './engine-parameter.ts';
import { headLoss } from './head-loss.ts';
import { keepCode } from './kept-code.ts';
import { typescriptBackend } from './memory/heap-memory.ts';
import type { MemoryBackend } from './memory/memory.ts';
import { floats } from './memory/room.ts';
import { headOperation } from './operations/head.ts';
import { program } from './operations/program.ts';
import type { Optimizer, Parameter } from './optimizer.ts';
import { taskLoss } from './task-loss.ts';
import { engineVariables } from './variables.ts';

/** What to compile besides the model. */
export interface EngineOptions {
  readonly loss: EngineLoss;
  /** What computes: default JavaScript; `await wasmBackend()` is faster. */
  readonly backend?: EngineBackend;
  /** Bytes that remembered pixel lists may take before they are made anew. Default 256 MiB. */
  readonly listMemory?: number;
  /**
   * Whether images of a data set may be changed in place between steps. Their pixels are then looked at whenever they are taken, which costs about as
   * much as reading them; else once. Default false.
   */
  readonly imagesChange?: boolean;
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
  /** What computes the kernels, now: those in JavaScript take over where WebAssembly memory is refused. */
  readonly backend: EngineBackend['name'];
  /** Numbers per image in the output. */
  readonly outputs: number;
  /** Copies the model's variables into the engine; needed after anything else has changed them. */
  load(): void;
  /** Copies what the steps changed into the model: all of it, or only the variables of these names, the last part of `layer/role/name`. */
  sync(names?: readonly string[]): void;
  /**
   * Forward and backward pass over the images `indices[from … to − 1]` of a data set. Follows ranges, as training does.
   *
   * @param weights how much each image of the data set counts in the task loss; default all 1.
   */
  differentiate(
    data: Dataset,
    indices: ArrayLike<number>,
    from: number,
    to: number,
    weights?: ArrayLike<number>,
  ): EngineStep;
  /** One optimizer step with the gradients of the last `differentiate`; constraints hold afterwards. */
  update(optimizer: Optimizer, learningRate: number, rateOf: (variable: string) => number): void;
  /**
   * Outputs of the images `from … to − 1` in inference, `[to − from, outputs]`: those of the model, and of the graph that
   * it lowers to. 'logits': without a softmax or sigmoid at the end.
   */
  predict(images: Float32Array, from: number, to: number, what?: 'outputs' | 'logits'): Float32Array;
  /** Trained variables with their values and gradients now, in the model's order; views of the engine's memory. */
  readonly parameters: readonly Parameter[];
  /** Ends the engine's threads and gives its memory back; the engine, and views of it, cannot be used afterwards. */
  dispose(): void;
}

/**
 * Compiles a model into one training step on lists of active pixels: forward, backward and update over typed arrays that
 * are kept from step to step, without tensors. It computes what the layers compute in training (same exactness, same
 * surrogate gradients).
 *
 * A step is computed in up to four parts whose sums are added in the same order on any number of threads: results depend
 * on the data and the model only.
 *
 * Supported: one chain of fixed quantizer layers, `inputReduce`, then `qConv2DSparse`, sparse poolings, quantizer layers,
 * flatten and `qDense` with linear or relu activation and fixed-point or dummy quantizers; a softmax or sigmoid at the end.
 *
 * @returns the engine, or a string that says why the model is not supported.
 */
export function compileEngine(model: tf.LayersModel, options: EngineOptions): Engine | string {
  checkOptionNames(options, ['loss', 'backend', 'listMemory', 'imagesChange'], 'compileEngine');
  const { loss, backend = typescriptBackend, listMemory = 2 ** 28, imagesChange = false } = options;
  const memory = (backend as MemoryBackend).createMemory();
  const variables = engineVariables(model, memory);
  const refuse = (reason: string): string => {
    memory.dispose();
    return reason;
  };
  const compiled = program(model, variables, memory);
  if (typeof compiled === 'string') return refuse(compiled);
  const { reduction, operations, imageVariables, output, outputs, head, needsWholeBatch } = compiled;
  const resolved = headLoss(loss, outputHead(model).kind, outputs);
  if (typeof resolved === 'string') return refuse(resolved);
  const { kind } = resolved.loss;
  if (kind === 'crossEntropy' || kind === 'binaryCrossEntropy') {
    return refuse(`${kind} of a model that does not end with a softmax or sigmoid`);
  }
  const store = { kernels: memory.kernels, reserve: (length: number) => floats(memory, length, true) };
  const parameters: EngineParameter[] = [];
  for (const { name, variable } of variables.trained) {
    if (variable.gradient == null) return refuse(`the loss does not depend on '${name}'`);
    parameters.push(new EngineParameter(name, variable.values, variable.gradient, store));
  }
  const training = takeImages(compiled, 'training', memory, listMemory, imagesChange);
  const inference = takeImages(compiled, 'inference', memory, listMemory, imagesChange);
  const last = head === null ? null : headOperation(head, output, outputs, memory);
  const judged = last === null || resolved.ofLogits ? null : last;
  const trained = judged === null ? operations : [...operations, judged.operation];
  const task = taskLoss(resolved.loss, judged?.output ?? output, outputs, memory);
  let selectionOfLists = '';
  let hasEnded = false;
  let lastOptimizer: Optimizer | undefined;
  const checkAlive = (): void => {
    if (hasEnded) throw new TrainingError('the engine was disposed: compile the model again');
  };

  const engine: Engine = {
    get backend() {
      return memory.state.backend;
    },
    outputs,
    parameters,
    load() {
      checkAlive();
      variables.load();
      // Lists depend on a selection that is not learned, and on quantizers before it.
      const { threshold, slots } = reduction.selection();
      const formats = imageVariables.map(({ values }) => values.view.join()).join('/');
      const now = `${reduction.isLearned ? '' : `${threshold}/${slots}`} ${formats}`;
      if (now !== selectionOfLists) training.forget();
      selectionOfLists = now;
    },
    sync(names) {
      checkAlive();
      variables.sync(names);
    },
    differentiate(data, indices, from, to, weights) {
      checkAlive();
      const { batch } = training;
      training.take(data, indices, from, to, weights);
      batch.parts = needsWholeBatch ? 1 : partsOf(batch.size);
      const before = memory.threads.length > 0 ? variables.copy() : null;
      for (;;) {
        for (const operation of trained) operation.prepare(batch, 'training');
        const isDone = runParts(batch, memory, (part) => {
          training.gather(part);
          for (const operation of trained) operation.forward(batch, part, 'training');
          task.forward(batch, part);
          for (let o = trained.length - 1; o >= 0; o--) trained[o].backward(batch, part);
        });
        if (isDone) break;
        // Preparing follows ranges, from where they were.
        before?.();
      }
      const { loss: lossTask, correct } = task.result(batch.size, batch.parts);
      let total = lossTask;
      for (const operation of trained) total += operation.finish(batch);
      return { loss: total, lossTask, correct };
    },
    update(optimizer, learningRate, rateOf) {
      checkAlive();
      lastOptimizer = optimizer;
      for (const parameter of parameters) parameter.rate = rateOf(parameter.name);
      optimizer.step(parameters, learningRate);
      variables.constrain();
    },
    predict(images, from, to, what = 'outputs') {
      checkAlive();
      const { batch } = inference;
      const given = what === 'logits' ? null : last;
      const run = given === null ? operations : [...operations, given.operation];
      inference.takeOnce(images, from, to);
      batch.parts = partsOf(batch.size);
      let isDone: boolean;
      do {
        for (const operation of run) operation.prepare(batch, 'inference');
        isDone = runParts(batch, memory, (part) => {
          inference.gather(part);
          for (const operation of run) operation.forward(batch, part, 'inference');
        });
      } while (!isDone);
      return Float32Array.from((given?.output ?? output).values.view.subarray(0, (to - from) * outputs));
    },
    dispose() {
      if (hasEnded) return;
      hasEnded = true;
      for (const images of [training, inference]) images.end();
      memory.dispose();
      keepCode({ engine, lastOptimizer });
    },
  };
  engine.load();
  return engine;
}
