/**
 * A search for good settings: seeded trials over spaces of plain data, in a journal that survives a kill. Knows nothing of models; pruning uses it for the
 * strength of its regularisers.
 *
 * @module
 */
// What to search

// Searching
export { type Journal, openJournal } from './journal.ts';
// How to choose
export { type BayesianOptions, bayesianSampler } from './samplers/bayesian-sampler.ts';
export { type HyperbandOptions, hyperbandSampler } from './samplers/hyperband-sampler.ts';
export { manualSampler } from './samplers/manual-sampler.ts';
export { randomSampler } from './samplers/random-sampler.ts';
export {
  type Choice,
  choice,
  type Dimension,
  type Point,
  type Range,
  type RangeOptions,
  real,
  type Space,
  type Value,
  whole,
} from './space.ts';
export type { Direction, Json, Proposal, Sampler, Search, Trial } from './trial.ts';
export { type PendingTrial, type TrialOutcome, type TuneOptions, type TuningResult, tune } from './tune.ts';
