import type { GraphNode } from '../ops/nodes.ts';
import { type Pass, rebuild, redirect } from './rewrite.ts';

/** Computes equal things once: nodes of the same op, attributes, formats and inputs become one. Inputs and outputs keep their own nodes. */
export const mergeEqualNodes: Pass = (graph) => {
  const first = new Map<string, string>();
  const replaced = new Map<string, string>();
  for (const node of graph.nodes) {
    if (node.op === 'input') continue;
    const key = keyOf(node, replaced);
    const same = first.get(key);
    if (same === undefined) first.set(key, node.name);
    else if (!graph.outputs.includes(node.name)) replaced.set(node.name, same);
  }
  if (replaced.size === 0) return undefined;
  return rebuild(
    graph,
    redirect(
      graph.nodes.filter(({ name }) => !replaced.has(name)),
      replaced,
    ),
  );
};

function keyOf({ name: _name, layer: _layer, ...rest }: GraphNode, replaced: ReadonlyMap<string, string>): string {
  return JSON.stringify({ ...rest, inputs: rest.inputs.map((input) => replaced.get(input) ?? input) });
}
