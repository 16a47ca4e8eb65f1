import { collectInputReduces, collectQLayers, layerOutputs, modelState, totalEbops, traceMinMax } from '@sp/layers';
import { namedVariables } from '@sp/layers/internal';
import { assignVariables, fromKerasPath, fromKerasPaths } from '@sp/layers/keras';
import { adam, type EngineBackend } from '@sp/train';
import { taskOf } from '@sp/train/internal';
import * as tf from '@tensorflow/tfjs';
import { batchOf } from './batch-of.ts';
import { absolute, type Check, missing, relative, relativeToMax } from './compare.ts';
import { doubledCosts } from './doubled-costs.ts';
import { ebopsByLayer } from './ebops-by-layer.ts';
import { fusedStepper } from './fused-stepper.ts';
import { type ParityFile, ParityFileError, type Variables } from './parity-file.ts';
import type { Pass } from './stepper.ts';
import { tfjsStepper } from './tfjs-stepper.ts';

/** What computes the steps: the layers, or the fused engine with the kernels of a backend (undefined: those in JavaScript). */
export type ParityEngine = 'tfjs' | { readonly backend: EngineBackend | undefined };

/** Tolerances of issue C, point 1. */
const limits = { forward: 1e-5, gradient: 1e-4, training: 1e-3, traced: 1e-5 } as const;

/**
 * Repeats a recorded training run with `model` (the same architecture) and compares everything that was recorded:
 * step 0 (output, losses, gradients, EBOPs), every training step, the variables after it, and tracing and inference. The
 * fused engine tells no output in training and no single terms of the loss.
 *
 * @returns a string that says why the fused engine does not know the model.
 */
export function runParity(model: tf.LayersModel, file: ParityFile, engine: ParityEngine): readonly Check[] | string {
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
  const stepper =
    engine === 'tfjs'
      ? tfjsStepper(model, file, task, optimizer, doubled)
      : fusedStepper(model, file, task, optimizer, engine.backend);
  if (typeof stepper === 'string') return stepper;
  for (let step = 0; step < file.steps; step++) {
    const pass = stepper.differentiate(step);
    if (step === 0) checks.push(...compareStep0(model, file, pass));
    const record = file.history[step];
    checks.push(relative('history', `task loss, step ${step}`, pass.task, record.task, limits.training));
    checks.push(relative('history', `total loss, step ${step}`, pass.total, record.total, limits.training));
    checks.push(relative('history', `EBOPs, step ${step}`, totalEbops(model), record.ebops, limits.training));
    stepper.update();
    const [reduce] = collectInputReduces(model);
    if (reduce != null && record.n != null && record.threshold != null) {
      checks.push(absolute('history', `n, step ${step}`, [reduce.nMaxPixels], [record.n], 0));
      checks.push(relative('history', `threshold, step ${step}`, reduce.threshold, record.threshold, limits.training));
    }
  }
  stepper.dispose();
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

function compareStep0(model: tf.LayersModel, { step0 }: ParityFile, pass: Pass): readonly Check[] {
  const checks: Check[] = [
    relative('step 0', 'task loss', pass.task, step0.task_loss, limits.forward),
    relative('step 0', 'total loss', pass.total, step0.total, limits.forward),
  ];
  if (pass.output !== undefined) {
    checks.push(relativeToMax('step 0', 'output', pass.output, [step0.output.data], limits.forward));
  }
  if (pass.layerLosses !== undefined) checks.push(...compareLayerLosses(pass.layerLosses, step0.losses));
  checks.push(...compareGradients(model, step0.grads, pass), ...compareEbops(model, step0.ebops));
  return checks;
}

function compareLayerLosses(actual: readonly number[], recorded: readonly number[]): readonly Check[] {
  // The order of the terms is the framework's business; both lists by size must agree term by term.
  // Terms of weight 0 are not worth an operation to us.
  const bySize = (list: readonly number[]): number[] => list.filter((term) => term !== 0).sort((a, b) => b - a);
  const [ours, theirs] = [bySize(actual), bySize(recorded)];
  if (ours.length !== theirs.length) {
    return [missing('step 0', `layer losses: ${ours.length} instead of ${theirs.length}`)];
  }
  return ours.map((value, k) =>
    relative('step 0', `layer loss ${k + 1} of ${ours.length}`, value, theirs[k], limits.forward),
  );
}

function compareGradients(model: tf.LayersModel, recorded: Variables, pass: Pass): readonly Check[] {
  const variables = namedVariables(model);
  return Object.entries(recorded).map(([path, { data }]) => {
    const variable = variables.get(fromKerasPath(path, Object.keys(recorded)) ?? '');
    const gradient = variable == null ? undefined : pass.gradients.get(variable.name);
    return gradient == null
      ? missing('gradients', path)
      : relativeToMax('gradients', path, gradient, [data, ...siblings(recorded, path)], limits.gradient);
  });
}

function compareEbops(model: tf.LayersModel, recorded: Readonly<Record<string, number>>): readonly Check[] {
  const layers = new Map(collectQLayers(model).map((layer) => [layer.name, layer]));
  return [...ebopsByLayer(Object.entries(recorded), layers)].map(([path, expected]) => {
    const layer = layers.get(path);
    return layer == null ? missing('EBOPs', path) : absolute('EBOPs', path, [layer.ebops], [expected], 0);
  });
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
