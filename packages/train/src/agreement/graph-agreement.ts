import { layerOutputs } from '@sp/layers';
import { decode, type FixedGraph, interpret, layerResults } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { countCorrect } from '../fit/count-correct.ts';
import { checkOptionNames } from '../option-names.ts';

/** Model and fixed graph in one layer, on all images. */
export interface LayerAgreement {
  readonly layer: string;
  /** Values compared. */
  readonly values: number;
  /** Those that are not exactly the same number. */
  readonly mismatches: number;
}

/** Model and fixed graph on a data set. */
export interface GraphAgreement {
  readonly images: number;
  readonly layers: readonly LayerAgreement[];
  /** Sum over the layers. The goal is 0, always. */
  readonly mismatches: number;
  /** Share of images that the model puts in the right class. */
  readonly modelAccuracy: number;
  /** The same of the graph. */
  readonly fixedAccuracy: number;
  /** Values beyond their format's range at an input or requantisation, over all images; they saturate, in both alike. */
  readonly saturated: number;
}

/** How to compare. */
export interface GraphAgreementOptions {
  /** Images at a time: bounds the memory. Default 120. */
  readonly batchSize?: number;
  /** Is told how many images are compared so far. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Compares what a model of one image input computes with what `interpret` does on the graph that `lower` made of it: every value of every layer, on every image.
 *
 * @throws OptionError for unknown options
 * @throws Error if the graph is of another model: a layer of it has no output in the model
 */
export function graphAgreement(
  model: tf.LayersModel,
  graph: FixedGraph,
  dataset: Dataset,
  options: GraphAgreementOptions = {},
): GraphAgreement {
  checkOptionNames(options, ['batchSize', 'onProgress'], 'graphAgreement');
  const { batchSize = 120, onProgress } = options;
  const results = layerResults(graph);
  const taps = [...results.values()].map(({ name }) => name);
  const counts = new Map([...results.keys()].map((layer) => [layer, { values: 0, mismatches: 0 }]));
  let [modelCorrect, fixedCorrect, saturated, done] = [0, 0, 0, 0];
  for (const { size, images, labels } of batches(dataset, batchSize)) {
    const fixed = interpret(graph, images, { taps, countOverflow: true });
    for (const count of fixed.overflow.values()) saturated += count;
    const batch = tf.tensor(images, [size, ...dataset.shape], 'float32');
    const float = layerOutputs(model, batch);
    batch.dispose();
    for (const [layer, node] of results) {
      const value = fixed.values.get(node.name);
      const expected = float.get(layer)?.values;
      const count = counts.get(layer);
      if (value === undefined || expected === undefined || count === undefined) {
        throw new Error(
          `layer '${layer}' is in graph '${graph.name}' but has no output in model '${model.name}'; give the model that the graph was lowered from`,
        );
      }
      const actual = decode(node, value);
      count.values += actual.length;
      for (let j = 0; j < actual.length; j++) if (Math.fround(actual[j]) !== expected[j]) count.mismatches++;
      if (!graph.outputs.includes(node.name)) continue;
      modelCorrect += countCorrect(expected, expected.length / size, labels);
      fixedCorrect += countCorrect(Float32Array.from(actual), actual.length / size, labels);
    }
    done += size;
    onProgress?.(done);
  }
  const layers = [...counts].map(([layer, count]) => ({ layer, ...count }));
  return {
    images: done,
    layers,
    mismatches: layers.reduce((sum, { mismatches }) => sum + mismatches, 0),
    modelAccuracy: modelCorrect / done,
    fixedAccuracy: fixedCorrect / done,
    saturated,
  };
}
