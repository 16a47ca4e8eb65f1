import { analyse, type FixedGraph, type GraphNode } from '@sp/quant';
import type { Inferred } from '@sp/quant/internal';
import type { NodeContext } from '../kernels/kernel.ts';
import { packetsOfShape } from '../kernels/packets-of-shape.ts';
import type { FixedType } from './fixed-type.ts';
import type { HlsPlan, ProjectSettings } from './hls-plan.ts';
import { packetCounts } from './packets.ts';

/** The nodes of a plan with what surrounds them, in order. */
export function planContexts({ graph, nodes, settings }: HlsPlan): NodeContext[] {
  const sums = new Set(nodes.filter(({ decisions }) => decisions['packets'] !== undefined).map(({ node }) => node));
  return contextsOf(
    graph,
    analyse(graph),
    nodes.map(({ id }) => id),
    nodes.map(({ type }) => type),
    settings,
    ({ name }) => sums.has(name),
  );
}

/**
 * The nodes of a graph with what surrounds them, in order.
 *
 * @param sums see `packetCounts`
 */
export function contextsOf(
  graph: FixedGraph,
  inferred: ReadonlyMap<string, Inferred>,
  ids: readonly string[],
  types: readonly FixedType[],
  { ioType, backend }: Pick<ProjectSettings, 'ioType' | 'backend'>,
  sums: (node: GraphNode) => boolean,
): NodeContext[] {
  const byName = new Map<string, NodeContext>();
  const counts = ioType === 'io_stream' ? packetCounts(graph, sums) : new Map<string, number>();
  return graph.nodes.map((node, j) => {
    const inputs = node.inputs.map((name) => byName.get(name) as NodeContext);
    const context = {
      node,
      id: ids[j],
      type: types[j],
      ioType,
      backend,
      inferred: inferred.get(node.name) as Inferred,
      inputs,
      packets: counts.get(node.name) ?? packetsOfShape(node),
    };
    byName.set(node.name, context);
    return context;
  });
}
