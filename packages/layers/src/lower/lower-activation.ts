import type { GraphNode } from '@sp/quant';
import { LowerError, type LowerScope } from './lowered.ts';

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

/** A softmax that ends the model does not change the order of the classes: it may be dropped. */
export function lowerSoftmax(scope: LowerScope, x: GraphNode, layer: string): GraphNode {
  if (scope.softmax === 'drop' && scope.isOutput) {
    scope.report({ kind: 'note', layer, message: 'softmax dropped: the graph ends with the logits.' });
    return x;
  }
  throw new LowerError(
    layer,
    'softmax has no exact integer form.',
    "End the model with logits (loss with fromLogits), use qSoftmax, or pass softmax: 'drop' if it is the model's last step.",
  );
}
