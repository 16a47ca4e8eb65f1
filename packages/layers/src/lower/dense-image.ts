import type { GraphNode } from '@sp/quant';
import type { LowerScope } from './lowered.ts';

/**
 * `x` as a dense tensor: a sparse list is written into its image, zeros where no pixel is active.
 *
 * @param prefix of the names of the nodes, where a layer makes several inputs dense
 */
export function denseImage(scope: LowerScope, x: GraphNode, layer: string, prefix: string = layer): GraphNode {
  if (x.slots == null) return x;
  const flat = scope.graph.sparseFlatten(`${prefix}.flat`, x, { layer });
  return scope.graph.reshape(`${prefix}.image`, flat, { shape: x.shape, layer });
}
