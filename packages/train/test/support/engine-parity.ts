import { collectInputReduces, collectQLayers, modelState, restoreState, totalEbops } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import { batches } from '../../src/data/batches.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { compileEngine } from '../../src/engine/compile-engine.ts';
import type { LossFunction, LossName } from '../../src/engine/loss-function.ts';
import type { Optimizer, Parameter } from '../../src/engine/optimizer.ts';
import { adam } from '../../src/fit/adam.ts';
import { predictAll } from '../../src/fit/evaluate.ts';
import { taskOf } from '../../src/fit/task.ts';
import { trainStep } from '../../src/fit/train-step.ts';

/** What two trainings of one model differ in; deviations are relative, see below. */
export interface Parity {
  readonly loss: number;
  readonly gradient: number;
  readonly variable: number;
  /** Where the largest deviation of a gradient or variable was seen. */
  readonly worst: string;
  /** Integer read-outs: slots, all bits and EBOPs, after every step, of both trainings. */
  readonly readOuts: { readonly tfjs: string; readonly engine: string };
  /** Outputs in inference for all images, from the variables that the engine trained. */
  readonly predictions: { readonly tfjs: readonly number[]; readonly engine: readonly number[] };
  readonly correct: { readonly tfjs: readonly number[]; readonly engine: readonly number[] };
}

/** Runs `steps` steps with tfjs and with the engine, from the same state, and compares. */
export function engineParity(
  model: tf.LayersModel,
  data: Dataset,
  {
    loss,
    steps,
    batchSize,
    rate = 0.01,
    epsilon = 1e-7,
  }: {
    /** Default as in `fit`. */
    readonly loss?: LossName | LossFunction;
    readonly steps: number;
    readonly batchSize: number;
    readonly rate?: number;
    /** ε of Adam: the default turns gradients that should cancel to 0 into steps of some size. */
    readonly epsilon?: number;
  },
): Parity {
  const task = taskOf(model, loss, 'test');
  if (task.engineLoss === undefined) throw new Error('a loss that engines do not know');
  const start = modelState(model);
  const order = Int32Array.from({ length: data.labels.length }, (_, j) => j);
  const seen = recording(adam({ epsilon }));
  const reference = { losses: [] as number[], correct: [] as number[], readOuts: [] as string[] };
  const all = [...batches(data, batchSize, order)].length;
  for (let step = 0; step < steps; step++) {
    let index = 0;
    for (const batch of batches(data, batchSize, order)) {
      if (index++ !== step % all) continue;
      const result = trainStep(model, batch, data, task, seen.optimizer, rate, () => 1);
      reference.losses.push(result.loss, result.lossTask);
      reference.correct.push(result.correct);
    }
    reference.readOuts.push(readOuts(model));
  }
  const wanted = modelState(model);
  restoreState(model, start);
  const engine = compileEngine(model, { loss: task.engineLoss });
  if (typeof engine === 'string') throw new Error(`not compiled: ${engine}`);
  const mine = recording(adam({ epsilon }));
  const found = { losses: [] as number[], correct: [] as number[], readOuts: [] as string[] };
  for (let step = 0; step < steps; step++) {
    const from = (step % all) * batchSize;
    const result = engine.differentiate(data, order, from, Math.min(from + batchSize, order.length));
    engine.update(mine.optimizer, rate, () => 1);
    found.losses.push(result.loss, result.lossTask);
    found.correct.push(result.correct);
    engine.sync();
    found.readOuts.push(readOuts(model));
  }
  const predicted = engine.predict(data.images, 0, data.labels.length);
  const outputs = predictAll(model, data);
  engine.dispose();
  let worst = '';
  let [gradient, variable] = [0, 0];
  const trained = seen.gradients[0].map(({ name }, index) => ({ name, index }));
  for (const { name, index } of trained) {
    // Where addends cancel, single precision is off by their size, not by that of the sum: measured against all steps.
    const scale = Math.max(...seen.gradients.map((parameters) => largest(parameters[index].values)), 1e-2);
    for (let step = 0; step < steps; step++) {
      const off = difference(seen.gradients[step][index].values, mine.gradients[step][index].values) / scale;
      if (off > Math.max(gradient, variable)) worst = `gradient of ${name} in step ${step}: ${off}`;
      gradient = Math.max(gradient, off);
    }
  }
  for (const [name, { values }] of modelState(model)) {
    const expected = wanted.get(name)?.values ?? new Float32Array();
    // Against the values, or the way that Adam may go, where they start from 0.
    const off = difference(expected, values) / Math.max(largest(expected), rate * steps);
    if (off > Math.max(gradient, variable)) worst = `variable ${name}: ${off}`;
    variable = Math.max(variable, off);
  }
  const lossOff = reference.losses.map((value, index) => Math.abs(value - found.losses[index]) / Math.abs(value));
  return {
    loss: Math.max(...lossOff),
    gradient,
    variable,
    worst,
    readOuts: { tfjs: reference.readOuts.join('\n'), engine: found.readOuts.join('\n') },
    correct: { tfjs: reference.correct, engine: found.correct },
    // Adding 0 turns −0 into 0: codes have no sign of zero.
    predictions: {
      tfjs: Array.from(outputs, (value) => value + 0),
      engine: Array.from(predicted, (value) => value + 0),
    },
  };
}

function readOuts(model: tf.LayersModel): string {
  const slots = collectInputReduces(model).map(({ nMaxPixels }) => nMaxPixels);
  const bits = collectQLayers(model).flatMap((layer) =>
    [...layer.quantizers.values()].map((quantizer) => Array.from(quantizer.bits().values).join()),
  );
  return `${slots.join()} ${totalEbops(model)} ${bits.join(' ')}`;
}

/** An optimizer that keeps the gradients it is given. */
function recording(optimizer: Optimizer): {
  readonly optimizer: Optimizer;
  readonly gradients: { name: string; values: Float32Array }[][];
} {
  const gradients: { name: string; values: Float32Array }[][] = [];
  return {
    gradients,
    optimizer: {
      ...optimizer,
      step(parameters: readonly Parameter[], learningRate: number) {
        gradients.push(parameters.map(({ name, gradient }) => ({ name, values: gradient.slice() })));
        optimizer.step(parameters, learningRate);
      },
    },
  };
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function difference(wanted: Float32Array, found: Float32Array): number {
  if (wanted.length !== found.length) return Number.POSITIVE_INFINITY;
  return wanted.reduce((most, value, j) => Math.max(most, Math.abs(value - found[j])), 0);
}
