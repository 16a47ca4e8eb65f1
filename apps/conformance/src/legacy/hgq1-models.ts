import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LowerError, layerOutputs, registerUnaryFunction } from '@sp/layers';
import { HKernelLayer, hLayers, hTraceMinMax, toProxyModel } from '@sp/layers/hgq1';
import { namedVariables } from '@sp/layers/internal';
import { buildKeras2, readKeras2 } from '@sp/layers/keras2';
import { decode, type FixedGraph, type GraphNode, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asList, asNumber, asRow, asRows, asTensor, asText, type FixtureTensor, type Row } from './fixture.ts';
import { type Hgq1Context, predict } from './hgq1-context.ts';
import { fileOfSpec } from './hgq1-spec.ts';
import { checkHgq1Training } from './hgq1-training.ts';
import { checkLegacyTypes } from './legacy-type-strings.ts';
import { castsOf, proxyFormats, proxyTables, tablesOf } from './proxy-view.ts';
import { compareLists, stepOf, tied } from './ties.ts';

/** The fixtures' own function, in float32 as they computed it. */
const cube = {
  value: (x: number) => Math.fround(Math.fround(Math.fround(x * x) * x) * 0.125),
  slope: (x: number) => 0.375 * x * x,
};

/** Trains, traces, converts and loads all models of `hgq1_models.json`; one group per model. */
export async function checkHgq1Models(content: unknown, folder: string): Promise<readonly Check[]> {
  registerUnaryFunction('cube', cube);
  const checks: Check[] = [];
  for (const [index, row] of asRows(asRow(content, 'the file')['models'], 'models').entries()) {
    const where = `models[${index}]`;
    const inputs = asRows(row['x'], `${where}.x`).map((entry, k) => asTensor(entry, `${where}.x[${k}]`));
    const step = stepOf(row, where);
    const context = { row, group: asText(row['name'], `${where}.name`), where, inputs, step };
    checks.push(...(await checkModel(context, folder)));
  }
  return checks;
}

async function checkModel(context: Hgq1Context, folder: string): Promise<readonly Check[]> {
  const { row, group, where } = context;
  // Upstream's fused batch normalisation is wrong: its numbers are not ours; its files are to be read.
  const defective =
    JSON.stringify(row['flags'] ?? '').includes('upstream_defect"') && /batch norm/.test(String(row['note']));
  const checks: Check[] = [];
  try {
    if (!defective) {
      if (row['clean'] != null) checks.push(...checkHgq1Training(context));
      checks.push(...checkFinal(context));
    }
    for (const kind of ['h5', 'keras'] as const) {
      const name = row[kind];
      if (typeof name === 'string') checks.push(...(await checkFile(join(folder, name), kind, defective, context)));
    }
  } catch (error) {
    checks.push(missing(group, `${where}: ${(error as Error).message}`));
  }
  return checks;
}

/** A saved model: its variables, and what it computes. Its batch normalisation is upstream's wrong one where `defective`. */
async function checkFile(
  path: string,
  kind: 'h5' | 'keras',
  defective: boolean,
  context: Hgq1Context,
): Promise<readonly Check[]> {
  const bytes = new Uint8Array(await readFile(path));
  const model = buildKeras2(await readKeras2(bytes, path));
  const checks = checkState(model, kind, context);
  const { predictions } = context.row;
  const ours = defective ? null : predict(model, context.inputs, 1);
  model.dispose();
  if (ours == null) return checks;
  return [...checks, ...compareLists(ours, predictions, context.step, context, `loaded from .${kind}: predictions`)];
}

function checkState(model: tf.LayersModel, kind: string, { row, group, where }: Hgq1Context): readonly Check[] {
  const variables = namedVariables(model);
  // Archives were saved behind a trace, which counts BOPs anew.
  const entries = Object.entries(asRow(row['final'], `${where}.final`)).filter(
    ([name]) => kind === 'h5' || !name.endsWith('/bops'),
  );
  return entries.map(([name, value]) => {
    const variable = variables.get(name);
    const { data } = asTensor(value, `${where}.final.${name}`);
    return variable == null
      ? missing(group, `.${kind}: ${name}`)
      : absolute(group, `.${kind}: ${name}`, variable.dataSync(), data, 0);
  });
}

/** Everything after training starts from the recorded final state. */
function checkFinal(context: Hgq1Context): readonly Check[] {
  const { row, group, where, inputs } = context;
  const model = buildKeras2(
    fileOfSpec(asRow(row['spec'], `${where}.spec`), asRow(row['final'], `${where}.final`), where),
  );
  const { step: limit } = context;
  const checks = [
    ...compareLists(predict(model, inputs, 1), row['predictions'], limit, context, 'predictions'),
    ...compareLists(predict(model, inputs, 4), row['predictions_x4'], limit, context, 'predictions at inputs × 4'),
  ];
  const recordedLayers = asRow(row['layer_outputs_first4'] ?? {}, `${where}.layer_outputs_first4`);
  if (Object.keys(recordedLayers).length > 0) {
    const few = inputs.map(({ shape, data }) =>
      tf.tensor(data.slice(0, (data.length / shape[0]) * 4), [4, ...shape.slice(1)]),
    );
    const outputs = layerOutputs(model, few);
    tf.dispose(few);
    for (const [name, value] of Object.entries(recordedLayers)) {
      const found = outputs.get(name);
      const { data } = asTensor(value, `${where}.layer_outputs_first4.${name}`);
      checks.push(
        found == null ? missing(group, `layer ${name}`) : tied(group, `layer ${name}`, found.values, data, limit),
      );
    }
  }
  for (const [k, trace] of asRows(row['trace'], `${where}.trace`).entries())
    checks.push(...checkTrace(model, trace, context, `trace ${k}`));
  model.dispose();
  return checks;
}

function checkTrace(model: tf.LayersModel, trace: Row, context: Hgq1Context, what: string): readonly Check[] {
  const { group, where, inputs } = context;
  const coverFactor = asNumber(trace['cover_factor'], `${where}: cover_factor`);
  const tensors = inputs.map(({ shape, data }) => tf.tensor(data, [...shape]));
  const total = hTraceMinMax(model, tensors, { coverFactor });
  tf.dispose(tensors);
  const layers = new Map(hLayers(model).map((layer) => [layer.name, layer]));
  const checks = [
    absolute(
      group,
      `${what}: total BOPs`,
      [Math.fround(total)],
      [Math.fround(asNumber(trace['bops_total'], where))],
      0,
    ),
  ];
  const recordedBops = Object.entries(asRow(trace['bops'], `${where}: bops`));
  // Of several outputs upstream records the layers' numbers of training beside the total of the trace.
  const sum = recordedBops.reduce((all, [, value]) => all + asNumber(value, where), 0);
  const stale = model.outputs.length > 1 && Math.abs(sum - asNumber(trace['bops_total'], where)) > 1e-3;
  for (const [name, value] of stale ? [] : recordedBops) {
    const ours = layers.get(name)?.bops ?? Number.NaN;
    checks.push(absolute(group, `${what}: BOPs of ${name}`, [ours], [Math.fround(asNumber(value, where))], 0));
  }
  for (const [name, value] of Object.entries(asRow(trace['minmax'], `${where}: minmax`))) {
    const range = layers.get(name)?.paq.range;
    for (const end of ['min', 'max'] as const) {
      const { data } = asTensor(asRow(value, where)[end], `${where}: ${end} of ${name}`);
      checks.push(
        range == null
          ? missing(group, `${what}: ${name}`)
          : tied(group, `${what}: ${end} of ${name}`, range[end], data, context.step),
      );
    }
  }
  for (const [name, value] of Object.entries(asRow(trace['exact_bits'], `${where}: exact_bits`))) {
    const layer = layers.get(name);
    if (layer == null) checks.push(missing(group, `${what}: bits of ${name}`));
    else checks.push(...checkBits(layer, asRow(value, where), context, `${what}: ${name}`));
  }
  for (const [k, proxy] of asRows(trace['proxies'] ?? [], `${where}: proxies`).entries()) {
    checks.push(...checkProxy(model, proxy, context, `${what}, proxy ${k}`));
  }
  return checks;
}

function checkBits(
  layer: ReturnType<typeof hLayers>[number],
  recorded: Row,
  { group, where }: Hgq1Context,
  what: string,
): readonly Check[] {
  const bits = layer.paq.exact(layer.positiveOnly);
  const list = (value: unknown, size: number): ArrayLike<number> =>
    typeof value === 'number' ? new Array<number>(size).fill(value) : asTensor(value, `${where}: ${what}`).data;
  const checks = (['k', 'i', 'f'] as const).map((name) =>
    absolute(group, `${what}: ${name}`, bits[name], list(recorded[name], bits[name].length), 0),
  );
  if (!(layer instanceof HKernelLayer)) return checks;
  const { kernel, bias } = layer.deployed();
  const values = kernel.dataSync<'float32'>().slice();
  kernel.dispose();
  if (recorded['kernel_i_plus_f'] != null) {
    const widths = tf.tidy(() => layer.kernelBits(true).dataSync<'float32'>().slice());
    checks.push(absolute(group, `${what}: kernel bits`, widths, list(recorded['kernel_i_plus_f'], widths.length), 0));
  }
  if (recorded['qkernel'] != null)
    checks.push(absolute(group, `${what}: kernel`, values, asTensor(recorded['qkernel'], where).data, 0));
  if (recorded['qbias'] != null)
    checks.push(absolute(group, `${what}: bias`, bias ?? [], asTensor(recorded['qbias'], where).data, 0));
  return checks;
}

function checkProxy(model: tf.LayersModel, proxy: Row, context: Hgq1Context, what: string): readonly Check[] {
  const { group, where, inputs, row } = context;
  const softmax = JSON.stringify(row['spec']).includes('"softmax"');
  let graph: FixedGraph;
  try {
    graph = toProxyModel(model, { aggressive: proxy['aggressive'] === true, softmax: 'drop' });
  } catch (error) {
    if (error instanceof LowerError) return [missing(group, `${what}: ${error.message}`)];
    throw error;
  }
  const { step: limit } = context;
  const checks: Check[] = [];
  const recorded = proxy['predictions'] ?? (proxy['equals_hgq'] === true ? row['predictions'] : null);
  // A softmax has no fixed graph: it ends before, and what goes into it is compared with the model's own.
  if (softmax) checks.push(...checkLogits(graph, model, context, what));
  else {
    if (recorded != null)
      checks.push(...compareLists(outputs(graph, model, inputs, 1), recorded, limit, context, `${what}: predictions`));
    if (proxy['predictions_x4'] != null) {
      checks.push(
        ...compareLists(
          outputs(graph, model, inputs, 4),
          proxy['predictions_x4'],
          limit,
          context,
          `${what}: predictions at × 4`,
        ),
      );
    }
  }
  const layers = asList(proxy['layers'], `${where}: layers`);
  const tabled = Number(proxy['unary_lut_max_table_size']) > 0;
  if (tabled) {
    const [found, tables] = [tablesOf(graph), proxyTables(layers, where)];
    if (found.length !== tables.length)
      return [...checks, missing(group, `${what}: ${found.length} of ${tables.length} tables`)];
    checks.push(
      ...tables.map((table, k) => {
        // Upstream's formats in front of a table may have a bit too many, whose entries are never asked for.
        const size = Math.min(table.length, found[k].length);
        return absolute(group, `${what}: table ${k}`, found[k].slice(0, size), table.slice(0, size), limit);
      }),
    );
  }
  // Quantizers that ended up inside a table, or behind a softmax that is left out, are no casts of the graph.
  const kept = layers.filter((entry) => {
    const name = String(asRow(entry, where)['name']);
    return !(softmax && isBehindSoftmax(row['spec'], name)) && !inTable(graph, name);
  });
  const [casts, formats] = [castsOf(graph), proxyFormats(kept, where)];
  checks.push(absolute(group, `${what}: formats`, [casts.join() === formats.join() ? 0 : 1], [0], 0));
  if (proxy['legacy_types'] != null) {
    const texts = Object.values(asRow(proxy['legacy_types'], `${where}: legacy_types`)).map(String);
    checks.push(...checkLegacyTypes(graph, texts, group, what));
  }
  return checks;
}

/** Whether a quantizer belongs to the softmax at the end of a model. */
function isBehindSoftmax(spec: unknown, name: string): boolean {
  const layer = name.replace(/_quantizer$/, '');
  return asRows(asRow(spec, 'spec')['layers'], 'spec.layers').some(
    (entry) => entry['name'] === layer && entry['activation'] === 'softmax',
  );
}

function inTable(graph: FixedGraph, name: string): boolean {
  return graph.nodes.some((node) => node.op === 'lut' && node.layer === name.replace(/_quantizer$/, ''));
}

function checkLogits(
  graph: FixedGraph,
  model: tf.LayersModel,
  { group, inputs }: Hgq1Context,
  what: string,
): readonly Check[] {
  const [output] = outputs(graph, model, inputs, 1);
  const last = graph.nodes.find(({ name }) => name === graph.outputs[0])?.layer ?? '';
  const tensors = inputs.map(({ shape, data }) => tf.tensor(data, [...shape]));
  const found = layerOutputs(model, tensors).get(last);
  tf.dispose(tensors);
  return [
    found == null ? missing(group, `${what}: ${last}`) : absolute(group, `${what}: ${last}`, output, found.values, 0),
  ];
}

function outputs(
  graph: FixedGraph,
  model: tf.LayersModel,
  inputs: readonly FixtureTensor[],
  factor: number,
): readonly Float64Array[] {
  const feeds = Object.fromEntries(model.inputNames.map((name, k) => [name, inputs[k].data.map((x) => x * factor)]));
  // A nested model's input layer has its own name.
  const names = graph.nodes.filter(({ op }) => op === 'input').map(({ name }) => name);
  const given = names.every((name) => name in feeds)
    ? feeds
    : Object.fromEntries(names.map((name, k) => [name, Object.values(feeds)[k]]));
  const result = interpret(graph, given);
  return graph.outputs.map((name) =>
    decode(graph.nodes.find((node) => node.name === name) as GraphNode, result.outputs[name]),
  );
}
