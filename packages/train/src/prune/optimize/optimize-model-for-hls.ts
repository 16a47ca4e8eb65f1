import type * as tf from '@tensorflow/tfjs';
import { attributesFromModelAndConfig } from '../attributes/attributes-from-config.ts';
import type { ObjectiveEstimator } from '../objectives/objective-estimator.ts';
import type { SparsityScheduler } from '../schedule/sparsity-scheduler.ts';
import { type OptimizedModel, optimizeModel } from './optimize-model.ts';
import type { OptimizeOptions } from './optimize-options.ts';

/**
 * `optimizeModel` for firmware of a configuration in hls4ml's spelling (upstream `optimize_keras_model_for_hls4ml`): reuse factors, strategies and precisions of the layers come from
 * there. After more than 3 bad steps in a row it ends (`cutoffBadTrials`).
 *
 * @throws as `attributesFromModelAndConfig` and `optimizeModel`
 * @example
 * const config = { IOType: 'io_parallel', Model: { ReuseFactor: 4, Strategy: 'Resource', Precision: 'ap_fixed<16,6>' } };
 * await optimizeModelForHls(model, config, dspObjective, polynomialSparsity({ maximumSteps: 8, finalSparsity: 0.8 }), {
 *   data, validation, epochs: 10, rtol: 0.99,
 * });
 */
export function optimizeModelForHls(
  model: tf.LayersModel,
  config: Parameters<typeof attributesFromModelAndConfig>[1],
  objective: ObjectiveEstimator,
  scheduler: SparsityScheduler,
  options: OptimizeOptions,
): Promise<OptimizedModel> {
  const attributes = attributesFromModelAndConfig(model, config);
  return optimizeModel(model, attributes, objective, scheduler, { cutoffBadTrials: 3, ...options });
}
