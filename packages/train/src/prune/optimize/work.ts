import type * as tf from '@tensorflow/tfjs';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import type { ObjectiveEstimator } from '../objectives/objective-estimator.ts';
import type { SparsityScheduler } from '../schedule/sparsity-scheduler.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import type { Trainer } from './training.ts';

/** What an optimisation works on, checked. */
export interface Work {
  readonly model: tf.LayersModel;
  /** Attributes as the objective chose them. */
  readonly chosen: ModelAttributes;
  readonly objective: ObjectiveEstimator;
  readonly scheduler: SparsityScheduler;
  readonly options: OptimizeOptions;
  readonly trainer: Trainer;
  /** What cannot be optimised, whole lines. */
  readonly notes: readonly string[];
  /** What the optimised layers need before, per dimension. */
  readonly resourcesBefore: readonly number[];
}
