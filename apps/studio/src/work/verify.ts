import { layerOutputs } from '@sp/layers';
import { decode, type FixedGraph, interpret, layerResults } from '@sp/quant';
import { batches, countCorrect, type Dataset } from '@sp/train';
import * as tf from '@tensorflow/tfjs';

/** Model and interpreter in one layer, on all images. */
export interface LayerAgreement {
  readonly layer: string;
  /** Values compared. */
  readonly values: number;
  readonly mismatches: number;
}

/** Model and interpreter on a data set. */
export interface Agreement {
  readonly images: number;
  readonly layers: readonly LayerAgreement[];
  readonly mismatches: number;
  /** Shares of right answers. */
  readonly modelAccuracy: number;
  readonly fixedAccuracy: number;
  /** Values beyond their format's range, which saturate. */
  readonly saturated: number;
}

const chunk = 120;

/** Compares what the model computes with what the interpreter of its fixed graph does, layer by layer, on every image. */
export async function verify(
  model: tf.LayersModel,
  graph: FixedGraph,
  dataset: Dataset,
  progress: (done: number, total: number) => void = () => {},
): Promise<Agreement> {
  const results = layerResults(graph);
  const taps = [...results.values()].map(({ name }) => name);
  const counts = new Map([...results.keys()].map((layer) => [layer, { values: 0, mismatches: 0 }]));
  const images = dataset.labels.length;
  let [modelCorrect, fixedCorrect, saturated, done] = [0, 0, 0, 0];
  for (const batch of batches(dataset, chunk)) {
    const fixed = interpret(graph, batch.images, { taps, countOverflow: true });
    for (const count of fixed.overflow.values()) saturated += count;
    const input = tf.tensor(batch.images, [batch.size, ...dataset.shape], 'float32');
    const float = layerOutputs(model, input);
    input.dispose();
    for (const [layer, node] of results) {
      const value = fixed.values.get(node.name);
      const expected = float.get(layer)?.values;
      const count = counts.get(layer);
      if (value === undefined || expected === undefined || count === undefined) {
        throw new Error(`layer '${layer}' is in the graph but not among the model's outputs: nothing to compare`);
      }
      const actual = decode(node, value);
      count.values += actual.length;
      for (let j = 0; j < actual.length; j++) if (Math.fround(actual[j]) !== expected[j]) count.mismatches++;
      if (!graph.outputs.includes(node.name)) continue;
      modelCorrect += countCorrect(expected, expected.length / batch.size, batch.labels);
      fixedCorrect += countCorrect(Float32Array.from(actual), actual.length / batch.size, batch.labels);
    }
    done += batch.size;
    progress(done, images);
  }
  const layers = [...counts].map(([layer, count]) => ({ layer, ...count }));
  return {
    images,
    layers,
    mismatches: layers.reduce((sum, { mismatches }) => sum + mismatches, 0),
    modelAccuracy: modelCorrect / images,
    fixedAccuracy: fixedCorrect / images,
    saturated,
  };
}
