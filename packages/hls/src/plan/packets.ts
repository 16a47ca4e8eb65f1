import type { FixedGraph, GraphNode } from '@sp/quant';
import { packetsOfShape } from '../kernels/packets-of-shape.ts';
import { kernelOf } from '../kernels/registry.ts';

/**
 * In how many packets every value passes with `io_stream`, by node. Those of its shape, but a flattened image goes on pixel by pixel as long as all its readers take it so:
 * a vector of thousands of numbers would be one packet otherwise, for which all have to be waited for.
 *
 * @param sums whether a kernel that could add up the packets of its input does
 */
export function packetCounts(graph: FixedGraph, sums: (node: GraphNode) => boolean): ReadonlyMap<string, number> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  // From the last node to the first: whether a value has to have the packets of its shape.
  const shaped = new Set(graph.outputs);
  for (const node of [...graph.nodes].reverse()) {
    const takes = (reader: GraphNode): boolean => {
      const { packets } = kernelOf(reader);
      if (packets === 'summed') return sums(reader);
      return packets === 'regrouped' || (packets === 'kept' && !shaped.has(reader.name));
    };
    if (!(readers.get(node.name) ?? []).every(takes)) shaped.add(node.name);
  }
  const counts = new Map<string, number>();
  for (const node of graph.nodes) {
    const passes = ['kept', 'regrouped'].includes(kernelOf(node).packets ?? '') && !shaped.has(node.name);
    const before = passes ? counts.get(node.inputs[0]) : undefined;
    counts.set(node.name, before ?? packetsOfShape(node));
  }
  return counts;
}
