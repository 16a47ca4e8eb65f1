import * as tf from '@tensorflow/tfjs';

/** The layers of a model that is one chain, without the input layer; a string says where it branches. */
export function layerChain(model: tf.LayersModel): readonly tf.layers.Layer[] | string {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) return 'the model has not one input and one output';
  const chain: tf.layers.Layer[] = [];
  // Tensors that the next layer may take: the latest features, and the latest mask.
  let features: tf.SymbolicTensor = model.inputs[0];
  let mask: tf.SymbolicTensor | undefined;
  const used = new Set<tf.layers.Layer>();
  while (features.id !== model.outputs[0].id) {
    const next = model.layers.filter(
      (layer) =>
        layer.getClassName() !== 'InputLayer' &&
        layer.inboundNodes.some((node) => node.inputTensors[0]?.id === features.id),
    );
    if (next.length !== 1) return `${next.length} layers take the output of '${features.sourceLayer.name}'`;
    const [layer] = next;
    if (layer.inboundNodes.length !== 1 || used.has(layer)) return `layer '${layer.name}' is used more than once`;
    if (layer instanceof tf.LayersModel) return `'${layer.name}' is a model inside the model`;
    const { inputTensors, outputTensors } = layer.inboundNodes[0];
    if (inputTensors.length > 2 || (inputTensors.length === 2 && inputTensors[1].id !== mask?.id)) {
      return `layer '${layer.name}' does not take the features together with their own mask`;
    }
    used.add(layer);
    chain.push(layer);
    features = outputTensors[0];
    if (outputTensors.length > 1) mask = outputTensors[1];
  }
  return used.size === model.layers.length - 1 ? chain : 'the model has layers beside the chain from input to output';
}
