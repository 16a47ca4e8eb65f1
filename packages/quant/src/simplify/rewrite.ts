import { formatHolds, inferNode } from '../graph/analyse.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import { minimalFormats } from '../graph/ranges.ts';
import type { Inferred } from '../ops/definition.ts';
import type { GraphNode } from '../ops/nodes.ts';

/** One way to simplify a graph: an equal graph, or `undefined` when there is nothing to do. */
export type Pass = (graph: FixedGraph, inferred: ReadonlyMap<string, Inferred>) => FixedGraph | undefined;

/**
 * The graph with these nodes, every derived field worked out anew. A node keeps its formats as long as they hold what it can produce; others get
 * the narrowest.
 */
export function rebuild(graph: FixedGraph, nodes: readonly GraphNode[]): FixedGraph {
  const results = new Map<string, Inferred>();
  const rebuilt = nodes.map((node) => {
    const inferred = inferNode(
      node,
      node.inputs.map((input) => results.get(input)!),
    );
    results.set(node.name, inferred);
    const { divisor: _divisor, slots: _slots, ...rest } = node;
    const claimed = {
      ...rest,
      shape: inferred.shape,
      ...(inferred.slots === undefined ? {} : { slots: inferred.slots }),
      ...(inferred.divisor === 1 ? {} : { divisor: inferred.divisor }),
    } as GraphNode;
    return formatHolds(claimed, inferred) ? claimed : { ...claimed, format: minimalFormats(inferred.ranges) };
  });
  return { ...graph, nodes: rebuilt };
}

/** The nodes with every use of a name replaced. */
export function redirect(nodes: readonly GraphNode[], replaced: ReadonlyMap<string, string>): GraphNode[] {
  const target = (name: string): string => {
    const next = replaced.get(name);
    return next === undefined ? name : target(next);
  };
  return nodes.map((node) => (node.inputs.length === 0 ? node : { ...node, inputs: node.inputs.map(target) }));
}

/** Nodes that read each node, by name. */
export function readersOf(graph: FixedGraph): Map<string, GraphNode[]> {
  const readers = new Map<string, GraphNode[]>(graph.nodes.map(({ name }) => [name, []]));
  for (const node of graph.nodes) for (const input of new Set(node.inputs)) readers.get(input)!.push(node);
  return readers;
}

/**
 * Whether somebody takes a node's codes literally: a table addressed by them, a reduction that compares them with a threshold, or an op of which
 * nothing is known, with no requantisation in
 * between. Then the node's scale must not change.
 */
export function scaleMatters(name: string, readers: ReadonlyMap<string, readonly GraphNode[]>): boolean {
  return readers.get(name)!.some((reader) => {
    if (reader.op === 'requantize') return false;
    return (
      reader.op === 'lut' || reader.op === 'reduce' || reader.op === 'extension' || scaleMatters(reader.name, readers)
    );
  });
}
