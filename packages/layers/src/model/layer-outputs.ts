import * as tf from '@tensorflow/tfjs';
import { useName } from '../lower/uses.ts';
import { hostValues } from '../ops/host-view.ts';

/** Values of a layer's first output for a batch; `shape` includes the batch axis. */
export interface LayerOutput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Options of `layerOutputs`. */
export interface LayerOutputOptions {
  /** Also return further outputs of layers with several, as `<layer>:1`, …. Default false. */
  readonly allOutputs?: boolean;
}

/**
 * Inference results of every layer of a functional or sequential model, by layer name. Of layers with several outputs
 * (`[x, mask]`) the first one, unless told otherwise. Further uses of a shared layer are called `conv_use2`, …, as in the
 * graph that `lower` makes.
 */
export function layerOutputs(
  model: tf.LayersModel,
  x: tf.Tensor | readonly tf.Tensor[],
  { allOutputs = false }: LayerOutputOptions = {},
): Map<string, LayerOutput> {
  const symbolic = new Map<string, tf.SymbolicTensor>();
  const uses = usesOf(model);
  for (const layer of model.layers) {
    for (const [use, node] of (uses.get(layer) ?? []).entries()) {
      const name = useName(layer.name, use + 1);
      for (const [index, output] of layer.inboundNodes[node].outputTensors.entries()) {
        if (index === 0) symbolic.set(name, output);
        else if (allOutputs) symbolic.set(`${name}:${index}`, output);
      }
    }
  }
  const results = new Map<string, LayerOutput>();
  tf.tidy(() => {
    const everything = tf.model({ inputs: model.inputs, outputs: [...symbolic.values()] });
    const values = everything.apply(x instanceof tf.Tensor ? x : [...x], {}) as tf.Tensor | tf.Tensor[];
    const list = Array.isArray(values) ? values : [values];
    for (const [index, name] of [...symbolic.keys()].entries()) {
      results.set(name, { values: hostValues(list[index]).slice(), shape: [...list[index].shape] });
    }
  });
  return results;
}

/** Calls of every layer that the outputs depend on, in the order in which `lower` meets them. */
function usesOf(model: tf.LayersModel): ReadonlyMap<tf.layers.Layer, readonly number[]> {
  const uses = new Map<tf.layers.Layer, number[]>();
  const visit = (tensor: tf.SymbolicTensor): void => {
    const { sourceLayer: layer, nodeIndex } = tensor;
    const known = uses.get(layer) ?? [];
    if (known.includes(nodeIndex)) return;
    const { inboundLayers, inputTensors } = layer.inboundNodes[nodeIndex];
    // An input layer's only input is its output.
    if (inboundLayers.length > 0) inputTensors.forEach(visit);
    uses.set(layer, [...(uses.get(layer) ?? []), nodeIndex]);
  };
  for (const output of model.outputs) visit(output);
  return uses;
}
