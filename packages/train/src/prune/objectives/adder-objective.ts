import { adderCount, shareAdders, signedDigits } from '@sp/quant/adders';
import type * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { deployedKernel, layersByName } from './deployed-kernel.ts';
import type { GroupChoice } from './ebops-objective.ts';
import { NOT_OPTIMIZABLE, type ObjectiveEstimator, prunedAs } from './objective-estimator.ts';

/**
 * Saves additions in firmware without multipliers (`distributed_arithmetic`): a weight costs as many terms of a sum as its code has signed digits, one at least. Which
 * terms can share adders is known only when all are; `countAdders` says what came of it.
 *
 * @param choice default: single weights
 * @throws OptionError for what is no model
 */
export function adderObjective(model: tf.LayersModel, choice: GroupChoice = {}): ObjectiveEstimator {
  checkModel(model, 'adderObjective');
  const terms = kernelTerms(model);
  const total = (list: Float64Array | undefined): number => list?.reduce((sum, count) => sum + count, 0) ?? 0;
  return {
    name: 'adders',
    dimensions: ['terms of sums'],
    isLayerOptimizable: ({ name, kind }) => (kind === null || !terms.has(name) ? NOT_OPTIMIZABLE : prunedAs(choice)),
    layerResources: ({ name }) => [total(terms.get(name))],
    layerSavings: ({ name, weightShape, optimizationAttributes }) => {
      const size = weightShape.reduce((product, extent) => product * extent, 1);
      return [optimizationAttributes.pruning ? Math.round(total(terms.get(name)) / size) : 0];
    },
    groupSavings: ({ name, optimizationAttributes }, groups) => {
      const list = terms.get(name);
      if (list === undefined || !optimizationAttributes.pruning) return Array.from({ length: groups.count }, () => [0]);
      const sums = new Float64Array(groups.count);
      list.forEach((count, j) => {
        sums[groups.of[j]] += count;
      });
      return Array.from(sums, (count) => [count]);
    },
  };
}

/** Terms of the sums that each weight of a quantised kernel brings, at least one, by layer; row-major. */
export function kernelTerms(model: tf.LayersModel): ReadonlyMap<string, Float64Array> {
  const terms = new Map<string, Float64Array>();
  for (const [name, layer] of layersByName(model)) {
    const kernel = deployedKernel(layer);
    if (kernel !== null)
      terms.set(
        name,
        Float64Array.from(kernel.codes, (code) => Math.max(1, signedDigits(code).length)),
      );
  }
  return terms;
}

/**
 * Adders of the shared shift-add graph of every quantised kernel, as `distributed_arithmetic` builds it for one position, by layer.
 *
 * @throws OptionError for what is no model
 */
export function countAdders(model: tf.LayersModel): ReadonlyMap<string, number> {
  checkModel(model, 'countAdders');
  const counts = new Map<string, number>();
  for (const [name, layer] of layersByName(model)) {
    const kernel = deployedKernel(layer);
    if (kernel !== null) counts.set(name, adderCount(shareAdders(kernel.codes, kernel.inputs, kernel.outputs)));
  }
  return counts;
}
