import { decode, type FixedGraph, interpret, layerResults } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { layerOutputs } from '../../src/index.ts';

/** Elements in which a model's inference and the interpreter differ, by layer; compared bit for bit as float32. */
export function mismatches(model: tf.LayersModel, graph: FixedGraph, x: tf.Tensor): Record<string, number> {
  const outputs = layerOutputs(model, x);
  const { values } = interpret(graph, x.dataSync<'float32'>(), { taps: 'all' });
  const counts: Record<string, number> = {};
  for (const [layer, node] of layerResults(graph)) {
    const exact = decode(node, values.get(node.name)!);
    const float = outputs.get(layer)!;
    if (float.values.length !== exact.length) {
      throw new Error(
        `layer '${layer}': ${float.values.length} values [${float.shape}], the graph has ${exact.length}`,
      );
    }
    counts[layer] = float.values.reduce((count, value, j) => count + (value === Math.fround(exact[j]) ? 0 : 1), 0);
  }
  return counts;
}
