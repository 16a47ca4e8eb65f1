import { codeRange, formatWidth } from '../format/code-range.ts';
import { broadcastIndices, formatAt } from '../format/format-table.ts';
import { commonShape, isZero, rangeAt } from '../graph/ranges.ts';
import type { Inferred } from '../ops/definition.ts';
import type { RequantizeNode } from '../ops/nodes.ts';
import { type Pass, readersOf, rebuild, redirect, scaleMatters } from './rewrite.ts';

/**
 * Removes requantisations that cannot change any value. Outputs stay, so that their names and formats do.
 *
 * Removing one may put what is behind it on a coarser scale than `inferred` says, up to the next requantisation: that one waits for
 * the next round, where it is judged by the scale that it then reads.
 */
export const dropIdentityCasts: Pass = (graph, inferred) => {
  const readers = readersOf(graph);
  const replaced = new Map<string, string>();
  const rescaled = new Set<string>();
  for (const node of graph.nodes) {
    const behindRescaled = node.inputs.some((input) => rescaled.has(input));
    if (node.op !== 'requantize') {
      if (behindRescaled) rescaled.add(node.name);
      continue;
    }
    if (behindRescaled || graph.outputs.includes(node.name)) continue;
    const x = inferred.get(node.inputs[0])!;
    if (!changesNothing(node, x)) continue;
    if (changesScale(node, x)) {
      if (scaleMatters(node.name, readers)) continue;
      rescaled.add(node.name);
    }
    replaced.set(node.name, node.inputs[0]);
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

/** Every value that can occur lies on the grid and in the range of the target. */
function changesNothing({ to, overflow }: RequantizeNode, x: Inferred): boolean {
  if (x.divisor !== 1) return false;
  const shape = commonShape(x.ranges.shape, to.shape);
  const source = broadcastIndices(x.ranges.shape, shape);
  const target = broadcastIndices(to.shape, shape);
  for (let j = 0; j < source.length; j++) {
    const range = rangeAt(x.ranges, source[j]);
    if (isZero(range)) continue;
    const format = formatAt(to, target[j]);
    if (formatWidth(format) <= 0 || format.f < range.f) return false;
    const { lo, hi } = codeRange(format, overflow);
    const shift = BigInt(format.f - range.f);
    if (range.lo << shift < lo || range.hi << shift > hi) return false;
  }
  return true;
}

/** Some code stands on a finer scale after the requantisation than before. */
function changesScale({ format }: RequantizeNode, x: Inferred): boolean {
  const shape = commonShape(x.ranges.shape, format.shape);
  const source = broadcastIndices(x.ranges.shape, shape);
  const target = broadcastIndices(format.shape, shape);
  return source.some((index, j) => !isZero(rangeAt(x.ranges, index)) && x.ranges.f[index] !== format.f[target[j]]);
}
