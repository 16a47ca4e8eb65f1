import { HKernelLayer, hLayers } from '@sp/layers/hgq1';
import { namedVariables } from '@sp/layers/internal';
import { buildKeras2 } from '@sp/layers/keras2';
import * as tf from '@tensorflow/tfjs';
import { absolute, type Check, missing, relative } from '../parity/compare.ts';
import { asList, asNumber, asRow, asRows, asTensor, type FixtureTensor, type Row } from './fixture.ts';
import { type Hgq1Context, predict } from './hgq1-context.ts';
import { fileOfSpec } from './hgq1-spec.ts';
import { keras2Optimizer } from './keras2-optimizer.ts';
import { compareLists } from './ties.ts';

/** Repeats the recorded training (the `clean` one, whose values lie exactly on the grid). */
export function checkHgq1Training(context: Hgq1Context): readonly Check[] {
  const { row, group, where, inputs } = context;
  const clean = asRow(row['clean'], `${where}.clean`);
  const model = buildKeras2(
    fileOfSpec(asRow(row['spec'], `${where}.spec`), asRow(row['initial'], `${where}.initial`), where),
  );
  const inexact = isInexact(row, context.step);
  // One inference call comes first: it cuts bit widths.
  const eight = inputs.map(({ shape, data }) => ({
    shape: [8, ...shape.slice(1)],
    data: data.slice(0, (data.length / shape[0]) * 8),
  }));
  const checks: Check[] = compareLists(
    predict(model, eight, 1),
    row['initial_predictions_first8'],
    context.step,
    context,
    'initial predictions',
  );
  const labels = asRows(row['y'], `${where}.y`).map((entry, k) => asTensor(entry, `${where}.y[${k}]`));
  const size = asNumber(row['batch_size'], `${where}.batch_size`);
  const step = keras2Optimizer(asRow(row['optimizer'], `${where}.optimizer`), `${where}.optimizer`);
  const variables = namedVariables(model);
  let first = { loss: Number.NaN, bops: Number.NaN };
  for (const [s, recorded] of asRows(clean['train'], `${where}.clean.train`).entries()) {
    const start = (s % 5) * size;
    const pass = forwardAndBackward(model, batch(inputs, start, size), batch(labels, start, size), String(row['loss']));
    checks.push(relative(group, `step ${s}: data loss`, pass.data, asNumber(recorded['data_loss'], where), 1e-4));
    const regular = asNumber(recorded['reg_loss'], where);
    checks.push(relative(group, `step ${s}: regularisation`, pass.total - pass.data, regular, 1e-4));
    checks.push(relative(group, `step ${s}: loss`, pass.total, asNumber(recorded['loss'], where), 1e-4));
    const bops = hLayers(model).reduce((sum, layer) => sum + layer.bops, 0);
    if (s === 0) first = { loss: pass.total, bops };
    checks.push(relative(group, `step ${s}: BOPs`, bops, asNumber(recorded['bops'], where), s === 0 ? 1e-6 : 1e-4));
    if (s === 0) {
      checks.push(...compareOutputs(pass.outputs, clean['output_step0'], inexact, context));
      checks.push(...checkStep0(model, variables, pass.gradients, context));
      checks.push(...checkApproximateBits(model, context));
    }
    step(pass.gradients);
    if (s === 0)
      checks.push(...compareState(variables, clean['after_step1'], context, 'after step 1', 2e-5, pass.gradients));
  }
  checks.push(...compareState(variables, clean['final'], context, 'final', 1e-3));
  checks.push(...checkUpstreamStep0(context, first));
  model.dispose();
  return checks;
}

/** Upstream's own first step, whose rounding errors make 2 %; its later ones tell a trend only. */
function checkUpstreamStep0(
  { row, group, where }: Hgq1Context,
  first: { readonly loss: number; readonly bops: number },
): readonly Check[] {
  const [recorded] = asRows(row['train'] ?? [], `${where}.train`);
  if (recorded == null) return [];
  return (['loss', 'bops'] as const).map((key) =>
    relative(group, `upstream's step 0: ${key}`, first[key], asNumber(recorded[key], `${where}.train`), 0.02),
  );
}

/** Values that are not on a grid, or go through functions and divisions: the record then has seven digits. */
function isInexact(row: Row, step: number): boolean {
  return step > 0 || /"exact_q_value": ?false|BatchNorm/.test(JSON.stringify(row['spec']));
}

/**
 * Layout of the quantizers, and bits by the recorded ranges of upstream's step 0. Those differ from ours by upstream's
 * rounding errors; what is derived from them must not.
 */
function checkApproximateBits(model: tf.LayersModel, { row, group, where }: Hgq1Context): readonly Check[] {
  const layers = new Map(hLayers(model).map((layer) => [layer.name, layer]));
  const checks: Check[] = [];
  for (const [name, value] of Object.entries(asRow(row['quantizers'] ?? {}, `${where}.quantizers`))) {
    const layer = layers.get(name);
    const at = `${where}.quantizers.${name}`;
    const { paq, kq } = asRow(value, at);
    const pairs = [
      [layer?.paq, paq, 'paq'],
      [layer instanceof HKernelLayer ? layer.kq : null, kq, 'kq'],
    ] as const;
    for (const [quantizer, recorded, which] of pairs.filter(([, entry]) => entry != null)) {
      const { shape, degeneracy, rnd } = asRow(recorded, `${at}.${which}`);
      const numbers = [...asList(shape, at), degeneracy, rnd].map((entry) => asNumber(entry, at));
      const ours =
        quantizer == null ? [] : [...quantizer.shape, quantizer.degeneracy, roundings.indexOf(quantizer.strategy)];
      checks.push(absolute(group, `${which} of ${name}: shape, degeneracy, rounding`, ours, numbers, 0));
    }
  }
  const ranges = asRow(row['train_minmax_step0'] ?? {}, `${where}.train_minmax_step0`);
  for (const [name, value] of Object.entries(asRow(row['approx_bits_step0'] ?? {}, `${where}.approx_bits_step0`))) {
    const layer = layers.get(name);
    const at = `${where}.approx_bits_step0.${name}`;
    const { act, kernel } = asRow(value, at);
    if (layer == null) {
      checks.push(missing(group, `approximate bits of ${name}`));
      continue;
    }
    if (ranges[name] != null) {
      const { paq } = layer;
      const own = paq.range;
      const [min, max] = (['min', 'max'] as const).map((end) =>
        Float64Array.from(asTensor(asRow(ranges[name], at)[end], at).data),
      );
      paq.setRange(min, max);
      const bits = tf.tidy(() => paq.approximate(layer.bitsShape, layer.positiveOnly).dataSync<'float32'>().slice());
      paq.setRange(own.min, own.max);
      checks.push(absolute(group, `approximate bits of ${name}`, bits, numbersOf(act, bits.length, at), 0));
    }
    if (kernel != null && layer instanceof HKernelLayer) {
      const bits = tf.tidy(() => {
        // Upstream asks for them in inference: whole bit widths, moving statistics.
        const { kernel: deployed } = layer.deployed();
        return layer.kq.approximateKernel(deployed.dataSync<'float32'>(), deployed.shape).dataSync<'float32'>().slice();
      });
      checks.push(absolute(group, `approximate kernel bits of ${name}`, bits, numbersOf(kernel, bits.length, at), 0));
    }
  }
  return checks;
}

const roundings = ['standard_round', 'stochastic_round', 'fast_uniform_noise_injection', 'floor'];

/** A tensor, or one number for all. */
function numbersOf(value: unknown, size: number, at: string): ArrayLike<number> {
  return typeof value === 'number' ? new Array<number>(size).fill(value) : asTensor(value, at).data;
}

interface Pass {
  readonly outputs: readonly Float32Array[];
  readonly data: number;
  readonly total: number;
  readonly gradients: ReadonlyMap<tf.Variable, Float32Array>;
}

function forwardAndBackward(model: tf.LayersModel, x: tf.Tensor[], y: tf.Tensor[], loss: string): Pass {
  let outputs: readonly Float32Array[] = [];
  let data = 0;
  const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(() => {
    const predictions = [model.apply(x.length === 1 ? x[0] : x, { training: true }) as tf.Tensor | tf.Tensor[]].flat();
    outputs = predictions.map((p) => p.dataSync<'float32'>().slice());
    const task = tf.addN(predictions.map((p, k) => taskLoss(loss, y[k], p))) as tf.Scalar;
    data = task.dataSync()[0];
    return tf.addN([task, ...model.calculateLosses()]) as tf.Scalar;
  }, weights);
  const gradients = new Map(
    weights.map((variable) => [
      variable,
      grads[variable.name]?.dataSync<'float32'>().slice() ?? new Float32Array(variable.size),
    ]),
  );
  const total = value.dataSync()[0];
  tf.dispose([value, grads, x, y]);
  return { outputs, data, total, gradients };
}

function taskLoss(loss: string, y: tf.Tensor, p: tf.Tensor): tf.Scalar {
  if (loss === 'mse') return tf.mean(tf.square(tf.sub(y, p))) as tf.Scalar;
  return tf.mean(tf.neg(tf.sum(tf.mul(y, tf.log(tf.clipByValue(p, 1e-7, 1 - 1e-7))), -1))) as tf.Scalar;
}

function checkStep0(
  model: tf.LayersModel,
  variables: ReadonlyMap<string, tf.Variable>,
  gradients: ReadonlyMap<tf.Variable, Float32Array>,
  { row, group, where }: Hgq1Context,
): readonly Check[] {
  const clean = asRow(row['clean'], `${where}.clean`);
  const checks: Check[] = [];
  for (const [name, value] of Object.entries(asRow(clean['gradients_step0'], `${where}: gradients`))) {
    const variable = variables.get(name);
    const gradient = variable == null ? undefined : gradients.get(variable);
    const { data } = asTensor(value, `${where}: gradient of ${name}`);
    checks.push(
      gradient == null
        ? missing(group, `gradient of ${name}`)
        : within(group, `gradient of ${name}`, gradient, data, 2e-5),
    );
  }
  const layers = new Map(hLayers(model).map((layer) => [layer.name, layer]));
  for (const [name, value] of Object.entries(asRow(clean['minmax_step0'], `${where}: minmax`))) {
    const range = layers.get(name)?.paq.range;
    for (const end of ['min', 'max'] as const) {
      const { data } = asTensor(asRow(value, where)[end], `${where}: ${end} of ${name}`);
      checks.push(
        range == null
          ? missing(group, `${end} of ${name}`)
          : within(group, `step 0: ${end} of ${name}`, range[end], data, 1e-6),
      );
    }
  }
  for (const [name, value] of Object.entries(asRow(clean['layer_bops_step0'], `${where}: bops`))) {
    checks.push(
      relative(group, `step 0: BOPs of ${name}`, layers.get(name)?.bops ?? Number.NaN, asNumber(value, where), 1e-6),
    );
  }
  return checks;
}

function compareOutputs(
  outputs: readonly Float32Array[],
  recorded: unknown,
  inexact: boolean,
  context: Hgq1Context,
): readonly Check[] {
  return compareLists(outputs, recorded, inexact ? 1e-6 : 0, context, 'step 0: output');
}

/** @param gradients those of Adam's first step, whose size says nothing where they are as good as 0 */
function compareState(
  variables: ReadonlyMap<string, tf.Variable>,
  recorded: unknown,
  { group, where }: Hgq1Context,
  what: string,
  limit: number,
  gradients?: ReadonlyMap<tf.Variable, Float32Array>,
): readonly Check[] {
  return Object.entries(asRow(recorded, `${where}: ${what}`))
    .filter(([name]) => !name.endsWith('/bops'))
    .map(([name, value]) => {
      const variable = variables.get(name);
      const { data } = asTensor(value, `${where}: ${name}`);
      if (variable == null) return missing(group, `${what}: ${name}`);
      const gradient = gradients?.get(variable);
      const values = variable
        .dataSync<'float32'>()
        .map((v, j) => (gradient != null && Math.abs(gradient[j]) < 1e-6 ? data[j] : v));
      return within(group, `${what}: ${name}`, values, data, limit);
    });
}

/** Relative, and 1e-6 besides. */
function within(group: string, what: string, actual: ArrayLike<number>, expected: Float32Array, limit: number): Check {
  const excess = Array.from(expected, (value, j) => Math.abs(actual[j] - value) / (Math.abs(value) + 1e-6 / limit));
  const same = excess.map((entry, j) => (actual[j] === expected[j] ? 0 : entry));
  return absolute(group, what, same, new Float32Array(expected.length), limit);
}

function batch(tensors: readonly FixtureTensor[], start: number, size: number): tf.Tensor[] {
  return tensors.map(({ shape, data }) => {
    const block = data.length / shape[0];
    return tf.tensor(data.slice(start * block, (start + size) * block), [size, ...shape.slice(1)]);
  });
}
