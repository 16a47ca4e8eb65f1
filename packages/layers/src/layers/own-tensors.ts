import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/**
 * The inputs of a layer's `call`, which must be tensors. What tfjs hands over there without being one is usually the symbolic tensor of a second copy
 * of tfjs, which this one does not recognise.
 *
 * @throws LayerError
 */
export function ownTensors(inputs: tf.Tensor | tf.Tensor[], layer: string): tf.Tensor[] {
  const list = Array.isArray(inputs) ? inputs : [inputs];
  for (const input of list as unknown[]) {
    if (input instanceof tf.Tensor) continue;
    const isForeign = typeof input === 'object' && input !== null && 'sourceLayer' in input;
    throw new LayerError(
      isForeign
        ? `Layer '${layer}': its input was made by another copy of TensorFlow.js than the one (${tf.version_core}) that @sp/layers works with. ` +
            "A program must load one only: look for two with npm ls @tensorflow/tfjs-layers, and import everything from '@tensorflow/tfjs'."
        : `Layer '${layer}': its input is ${input === null ? 'null' : `of type ${typeof input}`}; give a tensor, or the output of another layer.`,
      { option: 'inputs', value: input },
    );
  }
  return list;
}
