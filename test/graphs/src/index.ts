export { digitsGraph, digitsImages } from './digits-graph.ts';
export { generator, type Random } from './random.ts';
export { type LayerObserver, type RandomGraph, randomGraph } from './random-graph.ts';
