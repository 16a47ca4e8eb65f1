import { type GraphNode, softmax } from '@sp/quant';
import type * as tf from '@tensorflow/tfjs';
import { unaryFunction } from '../layers/unary-functions.ts';
import { lowerFunction, sameEverywhere } from './functions.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

/** An element-wise activation inside a layer, as node `<layer>.<activation>`. */
export function lowerActivation(scope: LowerScope, x: GraphNode, activation: string, layer: string): GraphNode {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return scope.graph.relu(`${layer}.relu`, x, { layer });
    case 'softmax':
      return lowerSoftmax(scope, x, layer);
    default:
      throw new LowerError(
        layer,
        `activation '${activation}' has no exact integer form.`,
        "Use 'relu' or 'linear', or put qUnaryFunctionLUT behind the layer.",
      );
  }
}

/**
 * An activation of a layer whose next quantizer may make a table of it. A sigmoid that ends the model is dropped as a
 * softmax is: it changes neither the order of scores nor which of them are above one half.
 */
export function activated(scope: LowerScope, layer: tf.layers.Layer, input: Lowered, activation: string): Lowered {
  const { name } = layer;
  if (activation === 'linear') return input;
  if (activation === 'relu' || activation === 'softmax') {
    if (input.kind === 'function' && activation === 'relu') return functionNamed(scope, layer, input, activation);
    const source = requireValue(input, name);
    return { ...source, node: lowerActivation(scope, source.node, activation, name) };
  }
  if (activation === 'sigmoid' && input.kind === 'value' && scope.isOutput && scope.softmax === 'drop') {
    scope.report({ kind: 'note', layer: name, message: 'sigmoid dropped: the graph ends with the logits.' });
    return input;
  }
  return functionNamed(scope, layer, input, activation);
}

function functionNamed(scope: LowerScope, layer: tf.layers.Layer, input: Lowered, activation: string): Lowered {
  const { node } = input.kind === 'function' ? input : requireValue(input, layer.name);
  const functions = sameEverywhere(unaryFunction(activation, layer.name), node.shape.length);
  return lowerFunction(scope, layer, input, functions, activation);
}

/** A softmax that ends the model does not change the order of the classes: it is dropped, or made of tables. */
export function lowerSoftmax(scope: LowerScope, x: GraphNode, layer: string): GraphNode {
  if (scope.softmax === 'table') {
    scope.report({
      kind: 'note',
      layer,
      message: 'softmax by tables of 18 bits, which rounds; float inference differs.',
    });
    return softmax(scope.graph, `${layer}.softmax`, x, { layer });
  }
  if (scope.softmax === 'drop' && scope.isOutput) {
    scope.report({ kind: 'note', layer, message: 'softmax dropped: the graph ends with the logits.' });
    return x;
  }
  throw new LowerError(
    layer,
    'softmax has no exact integer form.',
    "End the model with logits (loss with fromLogits), use qSoftmax, or pass softmax: 'table', or 'drop' if it is the model's last step.",
  );
}
