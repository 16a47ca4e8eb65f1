import type { GraphNode } from '../ops/nodes.ts';
import type { FixedGraph } from './fixed-graph.ts';

/** The result of each model layer: its last node, by layer name, in order of first appearance. */
export function layerResults(graph: FixedGraph): Map<string, GraphNode> {
  const results = new Map<string, GraphNode>();
  for (const node of graph.nodes) if (node.layer !== undefined) results.set(node.layer, node);
  return results;
}
