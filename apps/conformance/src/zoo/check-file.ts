import { collectQLayers, LowerError, layerOutputs, lower } from '@sp/layers';
import { importKeras, NoCounterpartError, readKeras } from '@sp/layers/keras';
import { decode, type FixedGraph, interpret } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { ebopsByLayer } from '../parity/ebops-by-layer.ts';
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
  let classes: readonly string[] = [];
  let model: tf.LayersModel;
  try {
    const file = await readKeras(bytes, `${name}.keras`);
    classes = [...new Set(file.layers.map(({ className }) => className))].filter((kind) => kind !== 'InputLayer');
    model = importKeras(file);
  } catch (error) {
    return { row: { name, classes, imported: thrownStage(error, error instanceof NoCounterpartError) } };
  }
  try {
    const row = { name, classes, imported: { state: 'equal' } } as const;
    if (record == null) return { row };
    return compareModel(model, record, row);
  } finally {
    model.dispose();
  }
}

function compareModel(model: tf.LayersModel, record: ZooRecord, row: ZooRow): CheckedFile {
  const attempt = (compute: () => Stage): Stage => {
    try {
      return compute();
    } catch (error) {
      return thrownStage(error, false);
    }
  };
  const x = record.x.map(({ shape, data }) => tf.tensor(data as number[], shape as number[], 'float32'));
  try {
    const outputs = attempt(() => compareInference(model, x, record));
    const ebops = attempt(() => compareEbops(model, record.ebops ?? {}));
    const inputs = Object.fromEntries(
      model.inputNames.map((name, index) => [name, Float32Array.from(record.x[index].data)] as const),
    );
    const notes: string[] = [];
    let graph: FixedGraph;
    try {
      graph = lower(model, {
        calibration: inputs,
        softmax: 'drop',
        report: ({ message }) => notes.push(message),
      });
    } catch (error) {
      return { row: { ...row, outputs, ebops, lowered: thrownStage(error, error instanceof LowerError) } };
    }
    const interpreter = attempt(() => compareGraph(graph, inputs, record.out, notes));
    return { row: { ...row, outputs, ebops, lowered: { state: 'equal' }, interpreter }, graph, inputs };
  } finally {
    tf.dispose(x);
  }
}

function compareInference(model: tf.LayersModel, x: readonly tf.Tensor[], record: ZooRecord): Stage {
  const outputs = [model.predict(x.length === 1 ? x[0] : [...x])].flat() as tf.Tensor[];
  const stages = record.out.map(({ data }, index) =>
    compareValues(`output ${index}`, outputs[index]?.dataSync() ?? [], data),
  );
  tf.dispose(outputs);
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
  const stages = [...sums].map(([name, value]): Stage => {
    const layer = layers.get(name);
    if (layer == null) return { state: 'differs', deviation: Number.POSITIVE_INFINITY, what: `no layer ${name}` };
    const ours = layer.ebops;
    // The reference stores no EBOPs of a table traced once (zoo README); ours are never less than what it stores.
    if (tableLayers.has(layer.getClassName()) && ours > value) {
      return { state: 'close', deviation: 0, note: `tables: ${ours}, stored ${value}` };
    }
    return compareValues(`EBOPs of ${name}: ${ours} for ${value}`, [ours], [value]);
  });
  return worstStage(stages);
}

const tableLayers: ReadonlySet<string> = new Set(['QUnaryFunctionLUT', 'QAffinedUnaryFunctionLUT', 'QSoftmax']);

function compareGraph(
  graph: FixedGraph,
  inputs: Readonly<Record<string, Float32Array>>,
  recorded: readonly RecordedTensor[],
  notes: readonly string[],
): Stage {
  const { outputs } = interpret(graph, inputs);
  const stages = graph.outputs.map((name, index): Stage => {
    const node = graph.nodes.find((candidate) => candidate.name === name) as FixedGraph['nodes'][number];
    // Keras' outputs are float32.
    const values = Float32Array.from(decode(node, outputs[name]));
    return compareValues(`graph output ${name}`, values, recorded[index]?.data ?? []);
  });
  const worst = worstStage(stages);
  const changed = notes.find((note) => /softmax|sigmoid/.test(note));
  // A dropped or tabulated end has other numbers by design, and says so.
  return worst.state === 'differs' && changed != null
    ? { state: 'close', deviation: worst.deviation, note: changed }
    : worst;
}
