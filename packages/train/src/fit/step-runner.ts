import type * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../data/dataset.ts';
import { randomSource, shuffledIndices } from '../data/random.ts';
import { compileEngine, type Engine } from '../engine/compile-engine.ts';
import { typescriptBackend } from '../engine/memory/heap-memory.ts';
import { wasmBackend } from '../engine/memory/wasm-backend.ts';
import type { Optimizer } from '../engine/optimizer.ts';
import { usefulThreads } from '../engine/useful-threads.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { type ImageWeights, weightList } from './image-weights.ts';
import { drawingFrom } from './set-seed.ts';
import type { Task } from './task.ts';
import { refuseNaN, type StepResult, trainStep } from './train-step.ts';
import { type WeightedBatch, weightedBatches, weightedStream } from './weighted-batches.ts';

/** One step of an epoch. */
export interface PendingStep {
  /** Number of images. */
  readonly size: number;
  run(learningRate: number, rateOf: (variable: string) => number): StepResult;
}

/** What carries out the steps of a training. */
export interface StepRunner {
  /** Called before the steps, and after anything else may have changed the model. */
  begin(): void;
  /** The steps of an epoch. */
  steps(epoch: number): Iterable<PendingStep> | AsyncIterable<PendingStep>;
  /** Afterwards the model has what the steps learned. */
  end(): void;
  /** Afterwards the variables of these names in the model have what the steps learned; the steps go on. */
  show(names: readonly string[]): void;
  /** What the task's loss is computed from, in inference, as `predictAll` computes it; undefined: it has no way of its own. */
  readonly predict: ((images: Dataset) => Float32Array) | undefined;
  /** Frees what only the runner needs. */
  dispose(): void;
}

/** What every runner works on. */
export interface Training {
  readonly model: tf.LayersModel;
  readonly data: Dataset | StreamingDataset;
  readonly task: Task;
  readonly optimizer: Optimizer;
  readonly batchSize: number;
  readonly seed: number;
  /** Weights of the images in the task loss; undefined: all 1. */
  readonly weights: ImageWeights | undefined;
  /** Threads of the fused engine; undefined: as many as help. */
  readonly threads?: number | undefined;
  /** Told when the fused engine computes in another way than it was asked to. */
  readonly note?: ((message: string) => void) | undefined;
  /** Whether somebody may change images in place between steps. */
  readonly imagesChange: boolean;
}

/** Tells the random numbers within steps from those that mix images. */
const dropout = 0xd09;

/** Steps on tensors, with the layers themselves. */
export function tensorRunner({ model, data, task, optimizer, batchSize, seed, weights }: Training): StepRunner {
  // Dropout and noise of a step depend on its number only, so that a training goes on as if it had not stopped.
  const stepOf = (batch: WeightedBatch, epoch: number, step: number): PendingStep => ({
    size: batch.size,
    run: (learningRate, rateOf) =>
      drawingFrom(randomSource(seed, epoch, step, dropout), () =>
        trainStep(model, batch, data, task, optimizer, learningRate, rateOf),
      ),
  });
  return {
    begin() {},
    async *steps(epoch) {
      const source = isStream(data)
        ? weightedStream(data, batchSize, weights, { seed, epoch })
        : weightedBatches(data, batchSize, shuffledIndices(data.labels.length, seed, epoch), weights);
      let step = 0;
      for await (const batch of source) yield stepOf(batch, epoch, step++);
    },
    end() {},
    show() {},
    predict: undefined,
    dispose() {},
  };
}

/** Steps on lists of active pixels; a string says why the training needs tensors. */
export async function fusedRunner(training: Training): Promise<StepRunner | string> {
  const { model, data, task, optimizer, batchSize, seed, weights, imagesChange } = training;
  const { engineLoss, ofLogits } = task;
  if (engineLoss === undefined) return 'the loss is a function of your own';
  const threads = training.threads ?? (await usefulThreads(batchSize));
  const { note } = training;
  const backend = (await wasmBackend({ threads, ...(note && { note }) })) ?? typescriptBackend;
  const engine = compileEngine(model, { loss: engineLoss, backend, imagesChange });
  if (typeof engine === 'string') return engine;
  return {
    begin: engine.load,
    async *steps(epoch) {
      if (isStream(data)) {
        const { shape, classes } = data;
        for await (const batch of weightedStream(data, batchSize, weights, { seed, epoch })) {
          const { size, images, labels } = batch;
          yield new FusedStep(
            engine,
            optimizer,
            { images, labels, shape, classes },
            inOrder(size),
            0,
            size,
            batch.weights,
          );
        }
        return;
      }
      const count = data.labels.length;
      const order = shuffledIndices(count, seed, epoch);
      const all = weightList(weights, data.labels);
      for (let from = 0; from < count; from += batchSize) {
        yield new FusedStep(engine, optimizer, data, order, from, Math.min(from + batchSize, count), all);
      }
    },
    end: () => engine.sync(),
    show: engine.sync,
    predict: (images) => predictOnLists(engine, images, ofLogits ? 'logits' : 'outputs'),
    dispose: engine.dispose,
  };
}

/** A class, because V8 forgets the compiled code of functions that are made anew for every training. */
class FusedStep implements PendingStep {
  readonly size: number;
  readonly #engine: Engine;
  readonly #optimizer: Optimizer;
  readonly #batch: Parameters<Engine['differentiate']>;

  constructor(engine: Engine, optimizer: Optimizer, ...batch: Parameters<Engine['differentiate']>) {
    const [, , from, to] = batch;
    this.size = to - from;
    this.#engine = engine;
    this.#optimizer = optimizer;
    this.#batch = batch;
  }

  run(learningRate: number, rateOf: (variable: string) => number): StepResult {
    const result = this.#engine.differentiate(...this.#batch);
    checked(this.#engine, result);
    this.#engine.update(this.#optimizer, learningRate, rateOf);
    return result;
  }
}

/** Outputs of the model, as it is now, in batches that need little memory. */
function predictOnLists(engine: Engine, { images, labels }: Dataset, what: 'outputs' | 'logits'): Float32Array {
  engine.load();
  const outputs = new Float32Array(labels.length * engine.outputs);
  for (let from = 0; from < labels.length; from += 256) {
    outputs.set(engine.predict(images, from, Math.min(from + 256, labels.length), what), from * engine.outputs);
  }
  return outputs;
}

/** Leaves the model where the numbers were still finite. */
function checked(engine: Engine, result: StepResult): void {
  try {
    refuseNaN(result, engine.parameters);
  } catch (error) {
    engine.sync();
    throw error;
  }
}

function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, j) => j);
}

function isStream(data: Dataset | StreamingDataset): data is StreamingDataset {
  return !('labels' in data);
}
