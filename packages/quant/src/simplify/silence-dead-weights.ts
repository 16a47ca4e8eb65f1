import type { Weights } from '../graph/node.ts';
import { expandRanges, isZero } from '../graph/ranges.ts';
import type { Inferred } from '../ops/definition.ts';
import type { GraphNode } from '../ops/nodes.ts';
import { type Pass, rebuild } from './rewrite.ts';

/** Sets to 0 the weights that multiply inputs which are always 0, so that nothing is spent on them. */
export const silenceDeadWeights: Pass = (graph, inferred) => {
  let changed = false;
  const nodes = graph.nodes.map((node) => {
    const silent = silence(node, inferred);
    changed ||= silent !== node;
    return silent;
  });
  return changed ? rebuild(graph, nodes) : undefined;
};

function silence(node: GraphNode, inferred: ReadonlyMap<string, Inferred>): GraphNode {
  if (node.op !== 'dense' && node.op !== 'sparseConv2d') return node;
  const x = inferred.get(node.inputs[0])!;
  const inputs = x.shape.at(-1)!;
  const outputs = node.kernel.shape.at(-1)!;
  const dead = new Array<boolean>(inputs).fill(true);
  expandRanges(x.ranges, [...x.ranges.shape.slice(0, -1), inputs]).forEach((interval, j) => {
    if (!isZero(interval)) dead[j % inputs] = false;
  });
  const codes = node.kernel.codes.map((code, j) => (dead[Math.floor(j / outputs) % inputs] ? 0 : code));
  if (codes.every((code, j) => code === node.kernel.codes[j])) return node;
  const kernel: Weights = { ...node.kernel, codes };
  return { ...node, kernel };
}
