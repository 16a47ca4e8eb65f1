import * as tf from '@tensorflow/tfjs';
import { hostValues } from '../ops/host-op.ts';

/** Values of a layer's first output for a batch; `shape` includes the batch axis. */
export interface LayerOutput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Inference results of every layer of a functional or sequential model, by layer name. Of layers with several outputs
 * (`[x, mask]`) the first one.
 *
 * @throws if a layer is used more than once: its results would have one name.
 */
export function layerOutputs(model: tf.LayersModel, x: tf.Tensor | readonly tf.Tensor[]): Map<string, LayerOutput> {
  const outputs = model.layers.map((layer) => {
    if (layer.inboundNodes.length > 1) {
      throw new Error(
        `layerOutputs: layer '${layer.name}' is used ${layer.inboundNodes.length} times; its outputs have no single name.`,
      );
    }
    return layer.inboundNodes[0].outputTensors[0];
  });
  const results = new Map<string, LayerOutput>();
  tf.tidy(() => {
    const everything = tf.model({ inputs: model.inputs, outputs });
    const inputs = x instanceof tf.Tensor ? x : [...x];
    const values = everything.apply(inputs, {}) as tf.Tensor | tf.Tensor[];
    for (const [index, value] of (Array.isArray(values) ? values : [values]).entries()) {
      results.set(model.layers[index].name, { values: hostValues(value).slice(), shape: [...value.shape] });
    }
  });
  return results;
}
