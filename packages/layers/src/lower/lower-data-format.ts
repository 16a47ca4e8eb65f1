import type { GraphNode } from '@sp/quant';
import { type DataFormat, firstOrder, lastOrder } from '../layers/data-format.ts';
import type { LowerScope } from './lowered.ts';

/** A dense image of some format with its channels last, as node `<layer>.last`. */
export function channelsLastNode(scope: LowerScope, x: GraphNode, format: DataFormat, layer: string): GraphNode {
  return format === 'channelsLast' ? x : moved(scope, x, lastOrder, `${layer}.last`, layer);
}

/** A dense image with channels last in some format, as node `<layer>.first`. */
export function inFormatNode(scope: LowerScope, x: GraphNode, format: DataFormat, layer: string): GraphNode {
  return format === 'channelsLast' ? x : moved(scope, x, firstOrder, `${layer}.first`, layer);
}

function moved(
  scope: LowerScope,
  x: GraphNode,
  order: (rank: number) => readonly number[],
  name: string,
  layer: string,
): GraphNode {
  const perm = order(x.shape.length + 1)
    .slice(1)
    .map((axis) => axis - 1);
  return scope.graph.transpose(name, x, { perm, layer });
}
