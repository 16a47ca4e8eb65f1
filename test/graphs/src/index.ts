export { digitsGraph, digitsImages } from './digits-graph.ts';
export { generator, type Random } from './random.ts';
export { type RandomGraph, randomGraph } from './random-graph.ts';
export type { LayerObserver } from './random-parts.ts';
