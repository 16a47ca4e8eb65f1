import { analyse, type FixedGraph, type Inferred } from '@sp/quant';
import type { NodeContext } from '../kernels/kernel.ts';
import type { FixedType } from './fixed-type.ts';
import type { HlsPlan, ProjectSettings } from './plan.ts';

/** The nodes of a plan with what surrounds them, in order. */
export function planContexts({ graph, nodes, settings }: HlsPlan): NodeContext[] {
  return contextsOf(
    graph,
    analyse(graph),
    nodes.map(({ id }) => id),
    nodes.map(({ type }) => type),
    settings,
  );
}

/** The nodes of a graph with what surrounds them, in order. */
export function contextsOf(
  graph: FixedGraph,
  inferred: ReadonlyMap<string, Inferred>,
  ids: readonly string[],
  types: readonly FixedType[],
  { ioType, backend }: Pick<ProjectSettings, 'ioType' | 'backend'>,
): NodeContext[] {
  const byName = new Map<string, NodeContext>();
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
    };
    byName.set(node.name, context);
    return context;
  });
}
