import { type CompiledProject, compare, predict } from '@sp/hls';
import { decode, type FixedGraph } from '@sp/quant';
import { countCorrect, type Dataset, graphAgreement } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';

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
  const { layers, mismatches, saturated, ...rest } = graphAgreement(model, graph, dataset);
  const compiled = project === undefined ? undefined : await compare(graph, project, dataset.images, { chunk });
  return {
    ...rest,
    layers: layers.map(({ layer, values, mismatches: tfjsVersusInterpreter }): LayerAgreement => {
      const rows = compiled?.rows.filter((row) => row.layer === layer);
      const interpreterVersusCompiled = rows?.reduce((sum, row) => sum + row.mismatches, 0);
      return { layer, values, tfjsVersusInterpreter, interpreterVersusCompiled };
    }),
    mismatches: mismatches + (compiled?.mismatches ?? 0),
    compiledAccuracy: project === undefined ? undefined : await compiledAccuracy(project, graph, dataset),
    overflows: saturated,
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
