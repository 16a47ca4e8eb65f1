import type { FixedGraph, GraphNode } from '@sp/quant';

/**
 * Many networks as one, side by side, so that one compiler run does for all of them. Nodes get the number of their network in
 * front: input `x` of the first is `n0.x`.
 */
export function mergeGraphs(name: string, graphs: readonly FixedGraph[]): FixedGraph {
  const renamed = (index: number, node: string): string => `n${index}.${node}`;
  return {
    version: 1,
    name,
    nodes: graphs.flatMap((graph, index) =>
      graph.nodes.map(
        (node) =>
          ({
            ...node,
            name: renamed(index, node.name),
            inputs: node.inputs.map((input) => renamed(index, input)),
          }) as GraphNode,
      ),
    ),
    outputs: graphs.flatMap((graph, index) => graph.outputs.map((output) => renamed(index, output))),
  };
}
