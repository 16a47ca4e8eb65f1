import type * as tf from '@tensorflow/tfjs';

/**
 * Outputs of a model, computed by applying each layer once, in its own order of need.
 *
 * `model.apply` would do for a forward pass. Under training it is different in two ways that matter: it tidies up when it returns, so that what
 * layers need for losses and gradients is gone before `calculateLosses` and the backward pass; and it applies a layer with two outputs twice,
 * so that state which follows the data would move twice per step. Call this inside a `tidy`.
 */
export function runLayers(model: tf.LayersModel, input: tf.Tensor, kwargs: { readonly training: boolean }): tf.Tensor {
  const done = new Map<number, tf.Tensor>([[model.inputs[0].id, input]]);
  const tensorOf = (symbolic: tf.SymbolicTensor): tf.Tensor => {
    const known = done.get(symbolic.id);
    if (known !== undefined) return known;
    const layer = symbolic.sourceLayer;
    const node = layer.inboundNodes[symbolic.nodeIndex];
    const inputs = node.inputTensors.map(tensorOf);
    const outputs = layer.apply(inputs.length === 1 ? inputs[0] : inputs, { ...kwargs }) as tf.Tensor | tf.Tensor[];
    for (const [index, output] of [outputs].flat().entries()) done.set(node.outputTensors[index].id, output);
    return tensorOf(symbolic);
  };
  return tensorOf(model.outputs[0]);
}
