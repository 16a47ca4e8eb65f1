/** Random networks over all ops, each with an interval from 1 to 8 and 3 to 8 levels per stage. */
import type { FixedGraph } from '@sp/quant';
import { generator, randomGraph } from '@sp/test-graphs';
import type { LayerStrategy, RtlOptions } from '../../src/plan/options.ts';

/** A network, how to build it, and images. */
export interface RandomRtl {
  readonly graph: FixedGraph;
  readonly options: RtlOptions & { readonly interval: number };
  readonly images: Readonly<Record<string, Float64Array>>;
}

/** Case number `seed`. */
export function randomRtl(seed: number): RandomRtl {
  const { graph, images } = randomGraph(generator(seed), `g${seed}`);
  const options = {
    interval: 1 + (seed % 8),
    levelsPerStage: 3 + (Math.floor(seed / 8) % 6),
    simplify: seed % 3 !== 0,
    layers: Object.fromEntries(graph.nodes.flatMap(({ name, op }, j) => strategies(name, op, seed + j))),
  };
  return { graph, options, images };
}

/** Every strategy now and then, also where it is not the cheapest. */
function strategies(name: string, op: string, at: number): [string, LayerStrategy][] {
  if (op === 'dense') return [[name, { hardware: at % 3 === 0 ? 'parallel' : 'shared' }]];
  if (op !== 'sparseConv2d') return [];
  const convArchitecture = (['auto', 'gather', 'pairs'] as const)[at % 3];
  return [[name, { convArchitecture, ...(at % 5 === 0 ? { hardware: 'parallel' } : {}) }]];
}
