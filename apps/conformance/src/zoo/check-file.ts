import {
  collectQLayers,
  layerOutputs,
  type QLayer,
  QMultiHeadAttention,
  QSoftmax,
  QUnaryFunctionLUT,
} from '@sp/layers';
import type { KerasFile } from '@sp/layers/internal';
import { outputHead } from '@sp/layers/internal';
import { importKeras, NoCounterpartError, readKeras } from '@sp/layers/keras';
import { decode, type FixedGraph, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { ebopsByLayer } from '../parity/ebops-by-layer.ts';
import { type LoweredFile, lowerFile } from './lower-file.ts';
import { meantRefusal } from './meant-refusals.ts';
import { compareValues, passed, type Stage, thrownStage, worstStage } from './stage.ts';
import type { RecordedTensor, ZooEntry, ZooRecord } from './zoo-file.ts';

/** What became of one file. A stage is absent when an earlier one ended it, or nothing was recorded. */
export interface ZooRow {
  readonly name: string;
  /** Classes of its layers, without repetition. */
  readonly classes: readonly string[];
  readonly imported: Stage;
  /** Inference of the model and of its layers against the record. */
  readonly outputs?: Stage;
  readonly ebops?: Stage;
  readonly lowered?: Stage;
  /** The lowered graph's outputs, interpreted, against the record. */
  readonly interpreter?: Stage;
  /** The compiled C++ against the interpreter, for a sample of the files. */
  readonly compiled?: Stage;
}

/** Whether all stages of a file are as they should be. */
export function rowPassed({ imported, outputs, ebops, lowered, interpreter, compiled }: ZooRow): boolean {
  return [imported, outputs, ebops, lowered, interpreter, compiled].every(passed);
}

/** A row, and what a compilation of it needs. */
export interface CheckedFile {
  readonly row: ZooRow;
  readonly graph?: FixedGraph;
  readonly inputs?: Readonly<Record<string, Float32Array>>;
}

/** Takes one file through all stages but the compiled one. Never throws. */
export async function checkFile({ name, bytes, record }: ZooEntry): Promise<CheckedFile> {
  if (bytes == null) {
    return { row: { name, classes: [], imported: { state: 'failed', reason: `${name}.keras is missing.` } } };
  }
  let file: KerasFile;
  try {
    file = await readKeras(bytes, `${name}.keras`);
  } catch (error) {
    return { row: { name, classes: [], imported: thrownStage(error, false) } };
  }
  const classes = classesOf(file);
  const found = importAndCompare(file, record, { name, classes });
  const differs = [found.row.outputs, found.row.interpreter].some((stage) => stage?.state === 'differs');
  if (!differs || !JSON.stringify(file.config).includes('"HardTanhConfig"')) return found;
  // The file has lost whether a hard tanh was symmetric; the record is of the model before it was saved (zoo README).
  const symmetric = importAndCompare(file, record, { name, classes }, true);
  return [symmetric.row.outputs, symmetric.row.interpreter].every(passed) ? symmetric : found;
}

/** Classes of all layers, those of nested models included, without repetition. */
function classesOf(file: KerasFile): readonly string[] {
  const all = (layers: KerasFile['layers']): string[] =>
    layers.flatMap(({ className, model }) => [className, ...(model == null ? [] : all(model.layers))]);
  return [...new Set(all(file.layers))].filter((kind) => kind !== 'InputLayer');
}

function importAndCompare(
  file: KerasFile,
  record: ZooRecord | null,
  row: Pick<ZooRow, 'name' | 'classes'>,
  symmetricHardTanh: boolean = false,
): CheckedFile {
  let model: tf.LayersModel;
  try {
    model = importKeras(file, symmetricHardTanh ? { symmetricHardTanh } : {});
  } catch (error) {
    const meant = error instanceof NoCounterpartError ? meantRefusal(row.classes) : null;
    return { row: { ...row, imported: thrownStage(error, meant != null) } };
  }
  const imported: Stage = symmetricHardTanh
    ? { state: 'close', deviation: 0, note: 'symmetricHardTanh, which the file has lost' }
    : { state: 'equal' };
  try {
    if (record == null) {
      return { row: { ...row, imported, outputs: { state: 'failed', reason: 'zoo.json has no record of it.' } } };
    }
    return compareModel(model, record, { ...row, imported });
  } finally {
    model.dispose();
  }
}

function attempt(compute: () => Stage): Stage {
  try {
    return compute();
  } catch (error) {
    return thrownStage(error, false);
  }
}

function compareModel(model: tf.LayersModel, record: ZooRecord, row: ZooRow): CheckedFile {
  const x = record.x.map(({ shape, data }) => tf.tensor(data as number[], shape as number[], 'float32'));
  try {
    const outputs = attempt(() => compareInference(model, x, record));
    const ebops = attempt(() => compareEbops(model, record.ebops ?? {}));
    const inputs = Object.fromEntries(
      model.inputNames.map((name, index) => [name, Float32Array.from(record.x[index].data)] as const),
    );
    let lowered: LoweredFile;
    const before = formatsOf(model);
    try {
      lowered = lowerFile(model, x, inputs);
    } catch (error) {
      return { row: { ...row, outputs, ebops, lowered: thrownStage(error, false) } };
    }
    const { graph, remedies, traced } = lowered;
    if (traced && formatsOf(model) === before) {
      const reason = 'refused as not traced, although tracing changes nothing.';
      return { row: { ...row, outputs, ebops, lowered: { state: 'failed', reason } } };
    }
    const interpreter = attempt(() => compareGraph(model, x, lowered, inputs, record.out));
    const how: Stage =
      remedies.length === 0
        ? { state: 'equal' }
        : { state: 'close', deviation: 0, note: `with ${remedies.join(', ')}, as the refusal says` };
    return { row: { ...row, outputs, ebops, lowered: how, interpreter }, graph, inputs };
  } finally {
    tf.dispose(x);
  }
}

/** All formats in use, as text. */
function formatsOf(model: tf.LayersModel): string {
  const states = collectQLayers(model).flatMap((layer) =>
    layer.weights
      .filter(({ originalName }) => /\/[bikf]$/.test(originalName))
      .map((weight) => weight.read().dataSync()),
  );
  return states.map((values) => values.join()).join(';');
}

function compareInference(model: tf.LayersModel, x: readonly tf.Tensor[], record: ZooRecord): Stage {
  const outputs = predicted(model, x);
  const stages = record.out.map(({ data }, index) => compareValues(`output ${index}`, outputs[index] ?? [], data));
  if (outputs.length !== record.out.length) {
    stages.push({ state: 'differs', deviation: Number.POSITIVE_INFINITY, what: `${outputs.length} outputs` });
  }
  // Layers that are used more than once have no single output.
  if (model.layers.every(({ inboundNodes }) => inboundNodes.length === 1)) {
    const found = layerOutputs(model, x, { allOutputs: true });
    for (const [key, { data }] of Object.entries(record.layers ?? {})) {
      const output = found.get(key.replace(/:0$/, ''));
      if (output != null) stages.push(compareValues(`layer ${key}`, output.values, data));
    }
  }
  return worstStage(stages);
}

function compareEbops(model: tf.LayersModel, recorded: Readonly<Record<string, number>>): Stage {
  const layers = new Map(collectQLayers(model).map((layer) => [layer.name, layer]));
  const sums = ebopsByLayer(Object.entries(recorded), layers);
  const untold = new Set(
    Object.entries(recorded)
      .filter(([path, value]) => value === 0 && (layers.has(path) || path.endsWith('_table')))
      .map(([path]) => path.split('/').find((part) => layers.has(part))),
  );
  const stages = [...sums].map(([name, value]): Stage => {
    const layer = layers.get(name);
    if (layer == null) return { state: 'differs', deviation: Number.POSITIVE_INFINITY, what: `no layer ${name}` };
    const ours = layer.ebops;
    // The reference stores 0 for a table traced once (zoo README); ours are never less than what it stores.
    if (untold.has(name) && ours > value && ours - tableEbops(layer) <= value) {
      return { state: 'close', deviation: 0, note: `tables: ${ours}, stored ${value}` };
    }
    return compareValues(`EBOPs of ${name}: ${ours} for ${value}`, [ours], [value]);
  });
  return worstStage(stages);
}

/** What the tables of a layer cost, of all that it costs. */
function tableEbops(layer: QLayer): number {
  if (layer instanceof QMultiHeadAttention) return layer.parts.softmax.tableEbops;
  if (layer instanceof QSoftmax) return layer.tableEbops;
  return layer instanceof QUnaryFunctionLUT ? layer.ebops : 0;
}

function compareGraph(
  model: tf.LayersModel,
  x: readonly tf.Tensor[],
  { graph, traced, step, notes }: LoweredFile,
  inputs: Readonly<Record<string, Float32Array>>,
  recorded: readonly RecordedTensor[],
): Stage {
  const { outputs } = interpret(graph, inputs);
  const expected = traced ? predicted(model, x).map((data) => ({ data })) : recorded;
  const dropped = new Set(notes.filter(({ message }) => / dropped:/.test(message)).map(({ layer }) => layer));
  const stages = graph.outputs.map((name, index): Stage => {
    const node = graph.nodes.find((candidate) => candidate.name === name) as FixedGraph['nodes'][number];
    // Keras' outputs are float32.
    const values = Float32Array.from(decode(node, outputs[name]));
    const { stage, what } = afterDroppedHead(model, index, values, expected[index]?.data ?? [], dropped);
    if (stage.state !== 'differs' || step == null || stage.deviation > 4 * step) return stage;
    return { state: 'close', deviation: stage.deviation, note: `${what} within 4 steps of the precision` };
  });
  return worstStage(stages);
}

/**
 * Compares an output; where lowering dropped a softmax or sigmoid, the logits through that function, in float, as the
 * model would have computed them.
 */
function afterDroppedHead(
  model: tf.LayersModel,
  index: number,
  values: Float32Array,
  expected: ArrayLike<number>,
  dropped: ReadonlySet<string>,
): { readonly stage: Stage; readonly what: string } {
  const what = `graph output ${index}`;
  const direct = compareValues(what, values, expected);
  const symbolic = model.outputs[index];
  const head = outputHead(tf.model({ inputs: model.inputs, outputs: symbolic }));
  if (direct.state !== 'differs' || !dropped.has(head.layer)) {
    return { stage: direct, what };
  }
  const activated = tf.tidy(() => {
    const shape = [-1, ...symbolic.shape.slice(1)] as number[];
    return head.activate(tf.reshape(tf.tensor1d(values), shape)).dataSync();
  });
  return { stage: compareValues(`${head.kind} of ${what}`, activated, expected), what: `${head.kind} of ${what}` };
}

function predicted(model: tf.LayersModel, x: readonly tf.Tensor[]): readonly ArrayLike<number>[] {
  const outputs = [model.predict(x.length === 1 ? x[0] : [...x])].flat() as tf.Tensor[];
  const values = outputs.map((output) => output.dataSync());
  tf.dispose(outputs);
  return values;
}
