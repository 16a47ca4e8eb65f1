import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
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
 * (`[x, mask]`) the first one, unless told otherwise.
 *
 * @throws if a layer is used more than once: its results would have one name.
 */
export function layerOutputs(
  model: tf.LayersModel,
  x: tf.Tensor | readonly tf.Tensor[],
  { allOutputs = false }: LayerOutputOptions = {},
): Map<string, LayerOutput> {
  const symbolic = new Map<string, tf.SymbolicTensor>();
  for (const layer of model.layers) {
    if (layer.inboundNodes.length > 1) {
      throw new LayerError(
        `layerOutputs: layer '${layer.name}' is used ${layer.inboundNodes.length} times; its outputs have no single name. Use one layer per place.`,
        { layer: layer.name },
      );
    }
    for (const [index, output] of layer.inboundNodes[0].outputTensors.entries()) {
      if (index === 0) symbolic.set(layer.name, output);
      else if (allOutputs) symbolic.set(`${layer.name}:${index}`, output);
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
