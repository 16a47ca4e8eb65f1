/**
 * A search for good settings: seeded trials over spaces of plain data, in a journal that survives a kill. Knows nothing of models; pruning uses it for the
 * strength of its regularisers, `@sp/search` for whole networks.
 *
 * @module
 */

export { type RandomSource, randomSource, shuffledIndices } from '../data/random.ts';
export { OptionError } from '../option-error.ts';
// Journals
export { type Journal, openJournal } from './journal.ts';
// How to choose
export { type BayesianOptions, bayesianSampler } from './samplers/bayesian-sampler.ts';
export { type HyperbandOptions, hyperbandSampler } from './samplers/hyperband-sampler.ts';
export { manualSampler } from './samplers/manual-sampler.ts';
// For samplers of one's own; without tfjs, which the main entry loads
export { type GoodAndBad, likeTheGood } from './samplers/parzen.ts';
export { randomSampler } from './samplers/random-sampler.ts';
export { openSharedJournal, type SharedJournal } from './shared-journal.ts';
// What to search
export {
  atUnit,
  type Choice,
  type Condition,
  checkPoint,
  checkSpace,
  choice,
  type Dimension,
  defaultPoint,
  isOrdered,
  type Point,
  pointCount,
  pointKey,
  pointOf,
  type Range,
  type RangeOptions,
  randomPoint,
  real,
  type Space,
  unitOf,
  type Value,
  whole,
} from './space.ts';
export type { Direction, Json, Proposal, Sampler, Search, Trial } from './trial.ts';
// Searching
export { type PendingTrial, type TrialOutcome, type TuneOptions, type TuningResult, tune } from './tune.ts';
