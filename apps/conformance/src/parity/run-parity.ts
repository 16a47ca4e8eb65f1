import {
  collectInputReduces,
  collectQLayers,
  layerOutputs,
  modelState,
  namedVariables,
  type QLayer,
  totalEbops,
  traceMinMax,
} from '@sp/layers';
import { assignVariables, fromKerasPath, fromKerasPaths } from '@sp/layers/keras';
import { adam, type Task, taskOf } from '@sp/train';
import * as tf from '@tensorflow/tfjs';
import { batchOf } from './batch-of.ts';
import { absolute, type Check, missing, relative, relativeToMax } from './compare.ts';
import { doubledCosts } from './doubled-costs.ts';
import { ebopsByLayer } from './ebops-by-layer.ts';
import { type ParityFile, ParityFileError, type Variables } from './parity-file.ts';

/** Tolerances of issue C, point 1. */
const limits = { forward: 1e-5, gradient: 1e-4, training: 1e-3, traced: 1e-5 } as const;

/**
 * Repeats a recorded training run with `model` (the same architecture) and compares everything that was recorded:
 * step 0 (output, losses, gradients, EBOPs), every training step, the variables after it, and tracing and inference.
 */
export function runParity(model: tf.LayersModel, file: ParityFile): readonly Check[] {
  const checks: Check[] = [];
  const variables = namedVariables(model);
  // A setting that is not learned may not be a variable there: it keeps the value it was built with.
  const fixed = [...modelState(model)].filter(([name]) => /\/(threshold|n_frac)$/.test(name));
  try {
    assignVariables(model, new Map([...fixed.map(asRecorded), ...fromKerasPaths(file.before)]));
  } catch (cause) {
    throw new ParityFileError(`'before' does not fit the model: ${(cause as Error).message}`, { cause });
  }
  const optimizer = adam({
    beta1: file.optimizer.adam.beta1,
    beta2: file.optimizer.adam.beta2,
    epsilon: file.optimizer.adam.eps,
  });
  const task = taskOf(model, 'crossEntropy', 'parity');
  const doubled = doubledCosts(model, file);
  for (const layer of doubled) layer.beta *= 2;
  for (let step = 0; step < file.steps; step++) {
    tf.tidy(() => {
      const images = batchOf(model, file, step * file.batch, file.batch);
      const labels = tf.tensor1d(file.y.slice(step * file.batch, (step + 1) * file.batch), 'int32');
      const pass = forwardAndBackward(model, images, labels, task, doubled);
      if (step === 0) checks.push(...compareStep0(model, file, pass));
      const record = file.history[step];
      checks.push(relative('history', `task loss, step ${step}`, pass.task, record.task, limits.training));
      checks.push(relative('history', `total loss, step ${step}`, pass.total, record.total, limits.training));
      checks.push(relative('history', `EBOPs, step ${step}`, totalEbops(model), record.ebops, limits.training));
      const parameters = model.trainableWeights.map((weight) => {
        const variable = weight.read() as tf.Variable;
        const gradient = pass.gradients.get(variable.name) ?? new Float32Array(variable.size);
        return {
          variable,
          name: weight.originalName,
          values: variable.dataSync<'float32'>().slice(),
          gradient,
          rate: 1,
        };
      });
      optimizer.step(parameters, file.optimizer.adam.lr);
      for (const { variable, values } of parameters) variable.assign(tf.tensor(values, variable.shape, 'float32'));
      const [reduce] = collectInputReduces(model);
      if (reduce != null && record.n != null && record.threshold != null) {
        checks.push(absolute('history', `n, step ${step}`, [reduce.nMaxPixels], [record.n], 0));
        checks.push(
          relative('history', `threshold, step ${step}`, reduce.threshold, record.threshold, limits.training),
        );
      }
    });
  }
  for (const layer of doubled) layer.beta /= 2;
  checks.push(...compareVariables('after', variables, file.after, limits.training));
  checks.push(...compareTraced(model, file, variables));
  return checks;
}

function asRecorded([name, { shape, values }]: [string, { shape: readonly number[]; values: Float32Array }]): [
  string,
  { shape: readonly number[]; data: Float32Array },
] {
  return [name, { shape, data: values }];
}

interface Pass {
  readonly output: Float32Array;
  readonly task: number;
  readonly total: number;
  readonly layerLosses: readonly number[];
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

function forwardAndBackward(
  model: tf.LayersModel,
  images: tf.Tensor,
  labels: tf.Tensor1D,
  { values, loss, head, ofLogits }: Task,
  /** Layers that count double: their term stands for two. */
  doubled: readonly QLayer[],
): Pass {
  let output = new Float32Array();
  let taskValue = 0;
  let layerLosses: number[] = [];
  const { value, grads } = tf.variableGrads(
    () => {
      const predictions = values(() => model.apply(images, { training: true }) as tf.Tensor);
      const taskLoss = loss(labels, predictions);
      const terms = model.calculateLosses();
      output = (ofLogits ? head.activate(predictions) : predictions).dataSync<'float32'>().slice();
      taskValue = taskLoss.dataSync()[0];
      layerLosses = [
        ...collectQLayers(model).flatMap((layer) =>
          layer.lossTerms.flatMap(({ name, value }) =>
            name === 'ebops' && doubled.includes(layer) ? [value / 2, value / 2] : [value],
          ),
        ),
        ...collectInputReduces(model).flatMap((layer) => layer.calculateLosses().map((term) => term.dataSync()[0])),
      ];
      return terms.reduce<tf.Scalar>((sum, term) => tf.add(sum, term), taskLoss);
    },
    model.trainableWeights.map((weight) => weight.read() as tf.Variable),
  );
  const gradients = new Map(
    Object.entries(grads)
      .filter(([, gradient]) => gradient != null)
      .map(([name, gradient]) => [name, gradient.dataSync<'float32'>().slice()]),
  );
  return { output, task: taskValue, total: value.dataSync()[0], layerLosses, gradients };
}

function compareStep0(model: tf.LayersModel, { step0 }: ParityFile, pass: Pass): readonly Check[] {
  const checks: Check[] = [
    relativeToMax('step 0', 'output', pass.output, [step0.output.data], limits.forward),
    relative('step 0', 'task loss', pass.task, step0.task_loss, limits.forward),
    relative('step 0', 'total loss', pass.total, step0.total, limits.forward),
  ];
  // The order of the terms is the framework's business; both lists by size must agree term by term.
  // Terms of weight 0 are not worth an operation to us.
  const bySize = (list: readonly number[]): number[] => list.filter((term) => term !== 0).sort((a, b) => b - a);
  const [ours, theirs] = [bySize(pass.layerLosses), bySize(step0.losses)];
  if (ours.length !== theirs.length)
    checks.push(missing('step 0', `layer losses: ${ours.length} instead of ${theirs.length}`));
  else
    ours.forEach((value, k) => {
      checks.push(relative('step 0', `layer loss ${k + 1} of ${ours.length}`, value, theirs[k], limits.forward));
    });
  const variables = namedVariables(model);
  for (const [path, { data }] of Object.entries(step0.grads)) {
    const variable = variables.get(fromKerasPath(path, Object.keys(step0.grads)) ?? '');
    const gradient = variable == null ? undefined : pass.gradients.get(variable.name);
    checks.push(
      gradient == null
        ? missing('gradients', path)
        : relativeToMax('gradients', path, gradient, [data, ...siblings(step0.grads, path)], limits.gradient),
    );
  }
  const layers = new Map(collectQLayers(model).map((layer) => [layer.name, layer]));
  for (const [path, expected] of ebopsByLayer(Object.entries(step0.ebops), layers)) {
    const layer = layers.get(path);
    checks.push(layer == null ? missing('EBOPs', path) : absolute('EBOPs', path, [layer.ebops], [expected], 0));
  }
  return checks;
}

/**
 * Gradients of the same quantizer: that of i is a difference of the numbers that sum up to that of b, so rounding errors
 * are relative to both.
 */
function siblings(gradients: Variables, path: string): readonly (readonly number[])[] {
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  if (!/_quantizer_[^/]*\/$/.test(parent)) return [];
  return Object.entries(gradients)
    .filter(([other]) => other.startsWith(parent))
    .map(([, { data }]) => data);
}

function compareTraced(
  model: tf.LayersModel,
  file: ParityFile,
  variables: ReadonlyMap<string, tf.Variable>,
): readonly Check[] {
  const { traced } = file;
  return tf.tidy(() => {
    traceMinMax(model, batchOf(model, file, 0, file.x.length));
    const checks: Check[] = compareTracedEbops(model, file);
    checks.push(...compareVariables('traced', variables, traced.vars, limits.traced));
    const first = model.apply(batchOf(model, file, 0, file.batch), {}) as tf.Tensor;
    checks.push(
      absolute(
        'inference',
        'output of the first batch',
        first.dataSync(),
        traced.predict_first_batch.data,
        limits.traced,
      ),
    );
    const outputs = layerOutputs(model, batchOf(model, file, 0, 4), { allOutputs: true });
    for (const [key, { data }] of Object.entries(traced.activations_first4)) {
      const output = outputs.get(key.replace(/:0$/, ''));
      checks.push(
        output == null
          ? missing('inference', key)
          : absolute('inference', `activations ${key}`, output.values, data, limits.traced),
      );
    }
    return checks as unknown as tf.TensorContainer;
  }) as unknown as readonly Check[];
}

/** The reference's total leaves out layers inside wrappers (hgq2 §4.3); their stored counts are compared one by one. */
function compareTracedEbops(model: tf.LayersModel, { traced }: ParityFile): Check[] {
  const layers = new Map(collectQLayers(model).map((layer) => [layer.name, layer]));
  const counts = Object.entries(traced.vars)
    .filter(([path]) => path.endsWith('/ebops'))
    .map(([path, { data }]) => [path.slice(0, -'/ebops'.length), data[0]] as const);
  const checks = [...ebopsByLayer(counts, layers)].map(([name, expected]) => {
    const layer = layers.get(name);
    return layer == null
      ? missing('traced', name)
      : absolute('traced', `EBOPs of ${name}`, [layer.ebops], [expected], 0);
  });
  const top = counts.map(([path]) => path).filter((path) => !path.includes('/'));
  const topLevel = top.reduce((sum, name) => sum + (layers.get(name)?.ebops ?? 0), 0);
  return [...checks, absolute('traced', 'EBOPs, top-level layers', [topLevel], [traced.ebops], 0)];
}

function compareVariables(
  group: string,
  variables: ReadonlyMap<string, tf.Variable>,
  recorded: Variables,
  limit: number,
): readonly Check[] {
  const paths = Object.keys(recorded);
  return Object.entries(recorded).flatMap(([path, { data }]) => {
    const name = fromKerasPath(path, paths);
    if (name == null) return [];
    const variable = variables.get(name);
    return [variable == null ? missing(group, path) : relativeToMax(group, path, variable.dataSync(), [data], limit)];
  });
}
