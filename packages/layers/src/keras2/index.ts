export { buildKeras2 } from './build-keras2.ts';
export { loadKeras2 } from './load-keras2.ts';
export { readKeras2, readKeras2Architecture, readKeras2Json } from './read-keras2.ts';
