import { listValidParallelFactors, listValidReuseFactors } from '@sp/hls';
import { type FixedGraph, type GraphNode, sizeOf } from '@sp/quant';
import type { FirmwareSettings, NodeFactors } from '../project/firmware-settings.ts';

/** One way in which a node can be built differently, and all that goes with the rest. */
export interface FactorChoice {
  readonly name: keyof NodeFactors;
  readonly values: readonly (number | string)[];
  /** What is taken where nothing is chosen; absent: what `plan` decides. */
  readonly least?: number;
}

/** What can be chosen for a node. */
export interface LegalFactors {
  readonly node: string;
  readonly choices: readonly FactorChoice[];
}

/** What can be chosen for each node, given what is chosen already; a choice that leaves nothing to choose is none. */
export function legalFactors(graph: FixedGraph, settings: FirmwareSettings): readonly LegalFactors[] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  return graph.nodes.flatMap((node) => {
    const choices = choicesOf(node, byName, settings).filter(
      ({ values, least }) => values.length > 1 || least !== undefined,
    );
    return choices.length === 0 ? [] : [{ node: node.name, choices }];
  });
}

function choicesOf(
  node: GraphNode,
  byName: ReadonlyMap<string, GraphNode>,
  { ioType, strategy, factors }: FirmwareSettings,
): readonly FactorChoice[] {
  const chosen = factors[node.name] ?? {};
  const input = byName.get(node.inputs[0]);
  switch (node.op) {
    case 'reduce':
      // In a stream pixels come one by one.
      return ioType === 'io_stream' ? [] : [{ name: 'variant', values: ['prefix', 'tree', 'stream'] }];
    case 'sparseConv2d':
      return [
        { name: 'convArchitecture', values: ['pairs', 'gather'] },
        { name: 'pixelParallelFactor', values: listValidParallelFactors(node.slots) },
        // Shared additions compute all filters at once.
        ...(chosen.convArchitecture === 'gather'
          ? []
          : [{ name: 'filtParallelFactor', values: listValidParallelFactors(node.kernel.shape[3]) } as const]),
      ];
    case 'sparsePool2d':
      return [
        { name: 'pixelParallelFactor', values: listValidParallelFactors(node.slots) },
        { name: 'chanParallelFactor', values: listValidParallelFactors(node.shape[2]) },
      ];
    case 'sparseFlatten': {
      const [height = 1, width = 1] = input?.shape ?? [];
      return [{ name: 'parallelFactor', values: listValidParallelFactors(height * width) }];
    }
    case 'dense': {
      const reuse = input === undefined ? [] : listValidReuseFactors(sizeOf(input.shape), sizeOf(node.shape));
      // Unrolled, neither a single multiplier nor one for each product makes sense (hls4ml §2.3).
      const unrolled = reuse.slice(1, -1);
      const strategies = ['latency', 'resource', 'resource_unrolled', 'distributed_arithmetic'].filter(
        (name) => name !== 'resource_unrolled' || unrolled.length > 0,
      );
      return [{ name: 'strategy', values: strategies }, ...reuseChoice(chosen.strategy ?? strategy, reuse, unrolled)];
    }
    default:
      return [];
  }
}

function reuseChoice(
  strategy: FirmwareSettings['strategy'],
  reuse: readonly number[],
  unrolled: readonly number[],
): readonly FactorChoice[] {
  switch (strategy) {
    // Shared additions have no multipliers to reuse.
    case 'distributed_arithmetic':
      return [];
    case 'resource_unrolled':
      return unrolled.length === 0 ? [] : [{ name: 'reuseFactor', values: unrolled, least: unrolled[0] }];
    default:
      return [{ name: 'reuseFactor', values: reuse }];
  }
}
