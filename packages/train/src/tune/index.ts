/**
 * A search for good settings: seeded trials over spaces of plain data, in a journal that survives a kill. Knows nothing of models; pruning uses it for the
 * strength of its regularisers, `@sp/search` for whole networks.
 *
 * @module
 */

// Data

export { randomSource, shuffledIndices } from '../data/random.ts';

// Errors

export { OptionError } from '../option-error.ts';

// Searching for settings

export { openJournal } from './journal.ts';
export { bayesianSampler } from './samplers/bayesian-sampler.ts';
export { hyperbandSampler } from './samplers/hyperband-sampler.ts';
export { manualSampler } from './samplers/manual-sampler.ts';
export { likeTheGood } from './samplers/parzen.ts';
export { randomSampler } from './samplers/random-sampler.ts';
export { openSharedJournal } from './shared-journal.ts';
export {
  atUnit,
  checkPoint,
  checkSpace,
  choice,
  defaultPoint,
  isOrdered,
  type Point,
  pointCount,
  pointKey,
  pointOf,
  randomPoint,
  real,
  type Space,
  unitOf,
  whole,
} from './space.ts';
export type { Sampler } from './trial.ts';
export { tune } from './tune.ts';
