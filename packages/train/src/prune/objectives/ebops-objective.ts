import { QLayer } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import type { OptimizationAttributes } from '../attributes/optimization-attributes.ts';
import { layersByName } from './deployed-kernel.ts';
import { NOT_OPTIMIZABLE, type ObjectiveEstimator, prunedAs } from './objective-estimator.ts';

/** Which groups to save. */
export interface GroupChoice extends Partial<Omit<OptimizationAttributes, 'pruning'>> {}

/**
 * Saves effective bit operations: every weight costs its bits times those of the inputs it meets, so that wide weights on wide inputs go first. `EBOPs` are those
 * at the time the objective is made; what biases cost is not saved.
 *
 * A weight of 0 costs no bit operation only when its format has no bits: see `releaseBits`.
 *
 * @param choice default: single weights
 * @throws OptionError for what is no model
 */
export function ebopsObjective(model: tf.LayersModel, choice: GroupChoice = {}): ObjectiveEstimator {
  checkModel(model, 'ebopsObjective');
  const layers = layersByName(model);
  const costs = new Map<string, Float64Array>();
  for (const [name, layer] of layers) {
    const cost = layer instanceof QLayer ? layer.kernelEbops() : null;
    if (cost?.some((ebops) => ebops > 0)) costs.set(name, cost);
  }
  const total = (cost: Float64Array | undefined): number =>
    Math.round(cost?.reduce((sum, ebops) => sum + ebops, 0) ?? 0);
  return {
    name: 'EBOPs',
    dimensions: ['EBOPs'],
    releasesBits: true,
    isLayerOptimizable: ({ name, kind }) => (kind === null || !costs.has(name) ? NOT_OPTIMIZABLE : prunedAs(choice)),
    layerResources: ({ name }) => [total(costs.get(name))],
    layerSavings: ({ name, weightShape, optimizationAttributes }) => {
      const size = weightShape.reduce((product, extent) => product * extent, 1);
      return [optimizationAttributes.pruning ? Math.round(total(costs.get(name)) / size) : 0];
    },
    groupSavings: ({ name, optimizationAttributes }, groups) => {
      const cost = costs.get(name);
      if (cost === undefined || !optimizationAttributes.pruning) return Array.from({ length: groups.count }, () => [0]);
      const sums = new Float64Array(groups.count);
      cost.forEach((ebops, j) => {
        sums[groups.of[j]] += ebops;
      });
      return Array.from(sums, (ebops) => [Math.round(ebops)]);
    },
  };
}
