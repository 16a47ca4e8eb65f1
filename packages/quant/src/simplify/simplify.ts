import { analyse } from '../graph/analyse.ts';
import type { FixedGraph } from '../graph/fixed-graph.ts';
import { dropDeadNodes } from './drop-dead-nodes.ts';
import { dropIdentityCasts } from './drop-identity-casts.ts';
import { foldScaleOffset } from './fold-scale-offset.ts';
import { hoistCasts } from './hoist-casts.ts';
import { mergeEqualNodes } from './merge-equal-nodes.ts';
import { pruneChannels } from './prune-channels.ts';
import type { Pass } from './rewrite.ts';
import { silenceDeadWeights } from './silence-dead-weights.ts';

const PASSES: readonly Pass[] = [
  dropDeadNodes,
  dropIdentityCasts,
  foldScaleOffset,
  mergeEqualNodes,
  hoistCasts,
  silenceDeadWeights,
  pruneChannels,
];

/**
 * A smaller graph with the same inputs, the same output names and exactly the same output values: identity requantisations, dead nodes and
 * repeated computations are removed, scales are folded into kernels, lists are requantised before they are flattened instead of afterwards, and channels that are always 0 disappear together with the weights that
 * make and read them. A node that remains keeps its name; a layer whose last node was removed ends with an earlier one, or not at all.
 *
 * @throws GraphError when the graph is not valid
 */
export function simplify(graph: FixedGraph): FixedGraph {
  let current = graph;
  // Every pass that changes something makes the graph smaller, its weights sparser, or a requantisation earlier, so this ends.
  for (let changed = true; changed; ) {
    changed = false;
    for (const pass of PASSES) {
      const next = pass(current, analyse(current));
      if (next === undefined) continue;
      current = next;
      changed = true;
    }
  }
  return current;
}
