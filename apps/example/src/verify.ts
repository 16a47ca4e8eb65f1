import { type CompiledProject, compare, predict } from '@sp/hls';
import { layerOutputs } from '@sp/layers';
import { decode, type FixedGraph, interpret, layerResults } from '@sp/quant';
import { batches, countCorrect, type Dataset } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** The three views of one layer on all images. */
export interface LayerAgreement {
  readonly layer: string;
  /** Values compared. */
  readonly values: number;
  /** Values in which tfjs inference and the interpreter differ. */
  readonly tfjsVersusInterpreter: number;
  /** Codes (of all the layer's nodes, valid bits and coordinates included) in which interpreter and compiled C++ differ; undefined without a compiler. */
  readonly interpreterVersusCompiled: number | undefined;
}

/** Agreement of model, interpreter and compiled C++ on a data set. */
export interface Agreement {
  readonly images: number;
  readonly layers: readonly LayerAgreement[];
  /** Sum over all layers and both comparisons. The goal is 0, always. */
  readonly mismatches: number;
  /** Share of images put in the right class by tfjs inference. */
  readonly modelAccuracy: number;
  /** The same by the interpreter of the fixed-point network. */
  readonly fixedAccuracy: number;
  /** The same by the compiled C++; undefined without a compiler. */
  readonly compiledAccuracy: number | undefined;
  /** Values beyond their format's range at an input or requantisation, over all images; they saturate. */
  readonly overflows: number;
}

const chunk = 120;

/** Runs the three views on all images of a data set and compares them layer by layer. */
export async function verify(
  model: tf.LayersModel,
  graph: FixedGraph,
  project: CompiledProject | undefined,
  dataset: Dataset,
): Promise<Agreement> {
  const results = layerResults(graph);
  const outputs = new Set(graph.outputs);
  const counts = new Map([...results.keys()].map((layer) => [layer, { values: 0, differ: 0 }]));
  let modelCorrect = 0;
  let fixedCorrect = 0;
  let overflows = 0;
  for (const { size, images, labels } of batches(dataset, chunk)) {
    const taps = [...results.values()].map(({ name }) => name);
    const fixed = interpret(graph, images, { taps, countOverflow: true });
    for (const count of fixed.overflow.values()) overflows += count;
    const batch = tf.tensor(images, [size, ...dataset.shape], 'float32');
    const float = layerOutputs(model, batch);
    batch.dispose();
    for (const [layer, node] of results) {
      const value = fixed.values.get(node.name);
      const expected = float.get(layer)?.values;
      const count = counts.get(layer);
      if (value === undefined || expected === undefined || count === undefined) {
        throw new Error(`layer '${layer}' is in the graph but not among the model's outputs: nothing to compare`);
      }
      const actual = decode(node, value);
      count.values += actual.length;
      for (let j = 0; j < actual.length; j++) if (Math.fround(actual[j]) !== expected[j]) count.differ++;
      if (!outputs.has(node.name)) continue;
      modelCorrect += countCorrect(expected, expected.length / size, labels);
      fixedCorrect += countCorrect(Float32Array.from(actual), actual.length / size, labels);
    }
  }
  const compiled = project === undefined ? undefined : await compare(graph, project, dataset.images, { chunk });
  const layers = [...counts].map(([layer, { values, differ }]): LayerAgreement => {
    const rows = compiled?.rows.filter((row) => row.layer === layer);
    return {
      layer,
      values,
      tfjsVersusInterpreter: differ,
      interpreterVersusCompiled: rows?.reduce((sum, { mismatches }) => sum + mismatches, 0),
    };
  });
  const images = dataset.labels.length;
  return {
    images,
    layers,
    mismatches: layers.reduce(
      (sum, { tfjsVersusInterpreter }) => sum + tfjsVersusInterpreter,
      compiled?.mismatches ?? 0,
    ),
    modelAccuracy: modelCorrect / images,
    fixedAccuracy: fixedCorrect / images,
    compiledAccuracy: project === undefined ? undefined : await compiledAccuracy(project, graph, dataset),
    overflows,
  };
}

async function compiledAccuracy(
  project: CompiledProject,
  graph: FixedGraph,
  { images, labels }: Dataset,
): Promise<number> {
  const outputs = await predict(project, images);
  const [name] = graph.outputs;
  const node = graph.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`graph '${graph.name}' has no node '${name}'`);
  const logits = Float32Array.from(decode(node, outputs[name]));
  return countCorrect(logits, logits.length / labels.length, labels) / labels.length;
}
