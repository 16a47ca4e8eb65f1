/** Random networks over all ops, each with an interval from 1 to 8 and 3 to 8 levels per stage. They are those of `@sp/hls`. */
import type { FixedGraph } from '@sp/quant';
import { randomCase } from '../../../hls/test/support/random-graph.ts';
import type { RtlOptions } from '../../src/index.ts';

/** A network, how to build it, and images. */
export interface RandomRtl {
  readonly graph: FixedGraph;
  readonly options: RtlOptions & { readonly interval: number };
  readonly images: Readonly<Record<string, Float64Array>>;
}

/** Case number `seed`. */
export function randomRtl(seed: number): RandomRtl {
  const { graph, images } = randomCase(`g${seed}`, seed);
  const options = { interval: 1 + (seed % 8), levelsPerStage: 3 + (Math.floor(seed / 8) % 6) };
  return { graph, options, images };
}
