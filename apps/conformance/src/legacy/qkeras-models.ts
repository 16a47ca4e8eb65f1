import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LowerError, layerOutputs, lower } from '@sp/layers';
import { allLayers } from '@sp/layers/internal';
import { buildKeras2, readKeras2 } from '@sp/layers/keras2';
import { QKerasAffine } from '@sp/layers/qkeras';
import type { FixedGraph } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asList, asRow, asRows, asTensor, asText, type FixtureTensor, type Row } from './fixture.ts';
import { checkLegacyTypes } from './legacy-type-strings.ts';
import { castsOf, graphOutputs, proxyFormats, proxyTables, tablesOf } from './proxy-view.ts';
import { checkQKerasStatistics } from './qkeras-statistics.ts';

/** Models whose internals do not fit float32 exactly (README of the fixtures). */
const inexact = /^(m06|m07|m08b|m09|m10f|m14)/;

/** Scales that are no powers of two, and data that were never quantised, do not fit it either. */
function isInexact(row: Row, group: string): boolean {
  const text = JSON.stringify(row['architecture'] ?? '');
  const unquantised = /input must be followed/.test(String(row['right']));
  return inexact.test(group) || unquantised || /alpha\W{1,6}auto\W*[,})]/.test(text.replaceAll('auto_po2', ''));
}

/** Loads, runs and lowers all models of `qkeras_models.json`; one group per model. */
export async function checkQKerasModels(content: unknown, folder: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [index, row] of asRows(asRow(content, 'the file')['models'], 'models').entries()) {
    checks.push(...(await checkModel(row, `models[${index}]`, folder)));
  }
  return checks;
}

async function checkModel(row: Row, where: string, folder: string): Promise<readonly Check[]> {
  const group = asText(row['name'], `${where}.name`);
  const refusal = typeof row['right'] === 'string' && row['right'].startsWith('refuse');
  const mayConvert = refusal && /\bor\b/.test(String(row['right']));
  if (typeof row['h5'] !== 'string') {
    // Nothing to load; upstream could not save it.
    return [absolute(group, 'no file', [refusal ? 0 : 1], [0], 0)];
  }
  let model: tf.LayersModel;
  try {
    const bytes = await readFile(join(folder, row['h5']));
    model = buildKeras2(await readKeras2(new Uint8Array(bytes), row['h5']));
  } catch (error) {
    const { message } = error as Error;
    const unsupported = asRows(row['conversions'] ?? [], `${where}.conversions`).every(
      (entry) => (entry['error'] as Row | undefined)?.['category'] === 'unsupported_layer',
    );
    if (
      refusal &&
      unsupported &&
      /'.*': .* is not supported by the conversion|this class is not supported/.test(message)
    )
      return [absolute(group, `refused: ${message}`, [0], [0], 0)];
    return [missing(group, `model: ${message}`)];
  }
  const limit = isInexact(row, group) ? 1e-5 : 0;
  const inputs = asRows(row['inputs'], `${where}.inputs`).map((entry, k) => asTensor(entry, `${where}.inputs[${k}]`));
  const checks = [
    ...checkInference(row, model, inputs, limit, group, where),
    ...checkWeights(row, model, limit, group, where),
    ...checkQKerasStatistics(row, model, inputs, group, where),
  ];
  for (const [k, conversion] of asRows(row['conversions'] ?? [], `${where}.conversions`).entries()) {
    const at = `${where}.conversions[${k}]`;
    checks.push(...checkConversion(conversion, row, { model, inputs, limit, group, at, refusal, mayConvert }));
  }
  model.dispose();
  return checks;
}

function checkInference(
  row: Row,
  model: tf.LayersModel,
  inputs: readonly FixtureTensor[],
  limit: number,
  group: string,
  where: string,
): readonly Check[] {
  // A record whose outputs contradict its own last layer (upstream's state moves between calls) has no outputs to compare.
  const sound = isConsistent(row, model, where);
  const checks = sound
    ? compareOutputs(run(model, inputs, 1), row['outputs'], limit, group, 'outputs', `${where}.outputs`)
    : [];
  if (sound && row['outputs_x4'] != null) {
    const at = `${where}.outputs_x4`;
    checks.push(...compareOutputs(run(model, inputs, 4), row['outputs_x4'], limit, group, 'outputs at inputs × 4', at));
  }
  const few = inputs.map(({ shape, data }) =>
    tf.tensor(data.slice(0, (data.length / shape[0]) * 4), [4, ...shape.slice(1)]),
  );
  const outputs = layerOutputs(model, few);
  tf.dispose(few);
  for (const [name, value] of Object.entries(
    asRow(row['layer_outputs_first4'] ?? {}, `${where}.layer_outputs_first4`),
  )) {
    const { data } = asTensor(value, `${where}.layer_outputs_first4.${name}`);
    const found = outputs.get(name);
    checks.push(
      found == null ? missing(group, `layer ${name}`) : absolute(group, `layer ${name}`, found.values, data, limit),
    );
  }
  return checks;
}

function isConsistent(row: Row, model: tf.LayersModel, where: string): boolean {
  const layers = asRow(row['layer_outputs_first4'] ?? {}, `${where}.layer_outputs_first4`);
  return model.outputNames.every((name, k) => {
    const recorded = layers[name];
    if (recorded == null) return true;
    const first = asTensor(recorded, `${where}.layer_outputs_first4.${name}`).data;
    const outputs = asTensor(asList(row['outputs'], `${where}.outputs`)[k], `${where}.outputs[${k}]`).data;
    return first.every((value, j) => Math.abs(value - outputs[j]) <= 1e-5 * Math.max(1, Math.abs(value)));
  });
}

function checkWeights(row: Row, model: tf.LayersModel, limit: number, group: string, where: string): readonly Check[] {
  const layers = new Map(allLayers(model).map((layer) => [layer.name, layer]));
  const at = `${where}.quantized_weights`;
  return Object.entries(asRow(row['quantized_weights'] ?? {}, at)).flatMap(([name, weights]) => {
    const layer = layers.get(name);
    if (!(layer instanceof QKerasAffine)) return [];
    return Object.entries(asRow(weights, `${at}.${name}`)).map(([weight, value]) => {
      const { data } = asTensor(value, `${at}.${name}.${weight}`);
      const quantised = tf.tidy(() =>
        layer
          .quantised(weight as 'kernel')
          .dataSync<'float32'>()
          .slice(),
      );
      return absolute(group, `quantised ${name}/${weight}`, quantised, data, limit);
    });
  });
}

interface ConversionContext {
  readonly model: tf.LayersModel;
  readonly inputs: readonly FixtureTensor[];
  readonly limit: number;
  readonly group: string;
  readonly at: string;
  readonly refusal: boolean;
  readonly mayConvert: boolean;
}

function checkConversion(conversion: Row, row: Row, context: ConversionContext): readonly Check[] {
  const { model, inputs, limit, group, at, refusal, mayConvert } = context;
  const aggressive = conversion['aggressive'] === true;
  const what = `${aggressive ? 'aggressive ' : ''}conversion, table limit ${String(conversion['unary_lut_max_table_size'])}`;
  let graph: FixedGraph;
  try {
    graph = lower(model, { overflow: aggressive ? 'WRAP' : 'SAT' });
  } catch (error) {
    const named = error instanceof LowerError;
    const allowed = refusal || 'error' in conversion;
    return [absolute(group, `${what} refused: ${(error as Error).message}`, [allowed && named ? 0 : 1], [0], 0)];
  }
  // A power of two per channel is folded exactly, though upstream's documentation asks for alpha = 1.
  const folded = group.startsWith('m10e');
  if (refusal && !mayConvert && !folded) return [missing(group, `${what} is not refused`)];
  const ours = graphOutputs(graph, model, inputs, 1);
  const ours4 = graphOutputs(graph, model, inputs, 4);
  // Ours has to compute what the model computes; saturating, whatever the input is.
  const expectEqual = !aggressive || conversion['equals_qkeras'] === true;
  const checks: Check[] = [];
  if (expectEqual)
    checks.push(...compareOutputs(ours, row['outputs'], limit, group, `${what}: outputs`, `${at}.outputs`));
  if (!aggressive && row['outputs_x4'] != null) {
    checks.push(
      ...compareOutputs(ours4, row['outputs_x4'], limit, group, `${what}: outputs at inputs × 4`, `${at}.x4`),
    );
  }
  if (refusal || 'error' in conversion) return checks;
  if (conversion['skip_precision_reg'] === false) {
    const texts = asRows(conversion['layers'], `${at}.layers`).flatMap((layer) => layer['overrides'] ?? []);
    return [...checks, ...checkLegacyTypes(graph, texts.map(String), group, what)];
  }
  if (conversion['outputs'] != null) {
    checks.push(
      ...compareOutputs(ours, conversion['outputs'], limit, group, `${what}: recorded outputs`, `${at}.outputs`),
    );
  }
  if (conversion['outputs_x4'] != null) {
    const recorded = conversion['outputs_x4'];
    checks.push(
      ...compareOutputs(ours4, recorded, limit, group, `${what}: recorded outputs at × 4`, `${at}.outputs_x4`),
    );
  }
  if (Number(conversion['unary_lut_max_table_size']) > 0) {
    // Behind a table upstream narrows the next quantizer to what the table holds; the values are what counts.
    const tables = proxyTables(asList(conversion['layers'], `${at}.layers`), `${at}.layers`);
    const found = tablesOf(graph);
    if (found.length !== tables.length)
      return [...checks, missing(group, `${what}: ${found.length} of ${tables.length} tables`)];
    return [...checks, ...tables.map((table, k) => absolute(group, `${what}: table ${k}`, found[k], table, 0))];
  }
  const [casts, recorded] = [
    castsOf(graph),
    proxyFormats(asList(conversion['layers'], `${at}.layers`), `${at}.layers`),
  ];
  checks.push(
    absolute(
      group,
      `${what}: formats ${recorded.filter((entry) => !casts.includes(entry)).join('; ')}`,
      [casts.join() === recorded.join() ? 0 : 1],
      [0],
      0,
    ),
  );
  return checks;
}

/** Outputs of the model by inference. */
function run(model: tf.LayersModel, inputs: readonly FixtureTensor[], factor: number): readonly Float32Array[] {
  return tf.tidy(() => {
    const given = inputs.map(({ shape, data }) =>
      tf.tensor(
        data.map((x) => x * factor),
        [...shape],
      ),
    );
    const outputs = model.predict(given.length === 1 ? given[0] : given);
    return [outputs].flat().map((output) => output.dataSync<'float32'>().slice()) as unknown as tf.TensorContainer;
  }) as unknown as readonly Float32Array[];
}

/** Compares a list of outputs. */
export function compareOutputs(
  ours: readonly ArrayLike<number>[],
  recorded: unknown,
  limit: number,
  group: string,
  what: string,
  where: string,
): Check[] {
  return asList(recorded, where).map((entry, k) => {
    const { data } = asTensor(entry, `${where}[${k}]`);
    return ours[k] == null ? missing(group, `${what} ${k}`) : absolute(group, what, ours[k], data, limit);
  });
}
