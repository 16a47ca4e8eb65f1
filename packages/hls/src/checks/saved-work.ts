import type { Weights } from '@sp/quant';
import { estimate } from '../estimate/estimate.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';

/** What zeros and repeated numbers among the weights of a node save. */
export interface SavedWork {
  readonly node: string;
  readonly layer: string;
  readonly weights: number;
  /** Weights that are 0. */
  readonly zeros: number;
  /** Different numbers among the others. */
  readonly distinct: number;
  /** Multipliers, LUTs and DSPs as planned. */
  readonly multipliers: number;
  readonly lut: number;
  readonly dsp: number;
  /** Adders of the graph, where there is one. */
  readonly adders: number | undefined;
  /** Multipliers that are not built because all their weights are 0; undefined where none can be left out. */
  readonly leftOut: number | undefined;
  /** Whole lines: what stays although weights are 0, and what to do. */
  readonly remedy: string | undefined;
}

/**
 * What pruning and weight sharing have saved, node by node, of a plan: the neighbour of `checkPlan`. Where zeros save nothing with the planned strategy, the
 * remedy says which would.
 */
export function savedWork(plan: HlsPlan): SavedWork[] {
  const { nodes: costs } = estimate(plan);
  return planContexts(plan).flatMap(({ node }, j) => {
    if (!('kernel' in node)) return [];
    const kernel: Weights = node.kernel;
    const { decisions } = plan.nodes[j];
    const cost = costs[j];
    const live = kernel.codes.filter((code) => code !== 0);
    const zeros = kernel.codes.length - live.length;
    const strategy = String(decisions['strategy'] ?? decisions['convArchitecture'] ?? '');
    const reuse = Number(decisions['reuseFactor'] ?? 1);
    const built = decisions['multipliers'];
    const all = Math.ceil(kernel.codes.length / reuse);
    return [
      {
        node: node.name,
        layer: node.layer ?? node.name,
        weights: kernel.codes.length,
        zeros,
        distinct: new Set(live.map(Math.abs)).size,
        multipliers: cost.multipliers,
        lut: cost.lut,
        dsp: cost.dsp,
        adders: typeof decisions['adders'] === 'number' ? decisions['adders'] : undefined,
        leftOut: typeof built === 'number' ? all - built : undefined,
        remedy: remedyOf(strategy, zeros),
      },
    ];
  });
}

function remedyOf(strategy: string, zeros: number): string | undefined {
  if (zeros === 0) return undefined;
  if (strategy === 'resource') {
    return 'reused multipliers are all built: resource_unrolled leaves those out whose weights are all 0';
  }
  if (strategy === 'pairs') return 'weights are chosen at run time: gather is made of adders, fewer with more zeros';
  return undefined;
}
