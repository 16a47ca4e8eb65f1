/**
 * The search over sparse, quantised networks: what `@sp/search` runs when no other problem is named.
 *
 * @module
 */
export { type LoadedSearchData, loadSearchData } from './load-search-data.ts';
export { fixedAccuracy, measureNetwork } from './measure-network.ts';
export { NETWORK_PARAMETERS, type NetworkParameter } from './network-parameters.ts';
export { networkProblem } from './network-problem.ts';
export type { NetworkSettings, SearchData } from './network-settings.ts';
export { type RetrainedNetwork, type RetrainOptions, retrain, type Spread } from './retrain.ts';
export { type ParameterValues, searchNetwork } from './search-network.ts';
export { type TrainNetworkOptions, trainNetwork } from './train-network.ts';
