import type { GraphNode } from '@sp/quant';
import { leastCommonMultiple } from '@sp/quant/numeric';
import { constantLike } from './lower-affine.ts';
import type { LowerScope } from './lowered.ts';

/**
 * The same values over one divisor, so that averages over windows of several sizes can be combined before they are
 * rounded: nodes `<prefix>_<index>` where something changes.
 */
export function overOneDivisor(
  scope: LowerScope,
  nodes: readonly GraphNode[],
  layer: string,
  prefix = `${layer}.over`,
): readonly GraphNode[] {
  const own = nodes.map(({ divisor }) => divisor ?? 1);
  const common = own.reduce(leastCommonMultiple);
  return nodes.map((node, index) => {
    const over = common / own[index];
    if (over === 1) return node;
    return scope.graph.scaleOffset(`${prefix}_${index}`, node, { scale: constantLike(node, over), over, layer });
  });
}
