/**
 * The search over sparse, quantised networks: what `@sp/search` runs when no other problem is named.
 *
 * @module
 */

export { loadSearchData } from './load-search-data.ts';
export { fixedAccuracy, measureNetwork } from './measure-network.ts';
export { networkProblem } from './network-problem.ts';
export { retrain } from './retrain.ts';
export { searchNetwork } from './search-network.ts';
