import { type Pass, rebuild } from './rewrite.ts';

/** Removes nodes that no output depends on. Inputs stay: they are the graph's interface. */
export const dropDeadNodes: Pass = (graph) => {
  const needed = new Set(graph.outputs);
  for (const node of graph.nodes.toReversed())
    if (needed.has(node.name)) for (const input of node.inputs) needed.add(input);
  const alive = graph.nodes.filter((node) => node.op === 'input' || needed.has(node.name));
  return alive.length === graph.nodes.length ? undefined : rebuild(graph, alive);
};
