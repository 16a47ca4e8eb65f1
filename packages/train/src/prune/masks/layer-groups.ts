import { OptionError } from '../../option-error.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import type { ObjectiveEstimator } from '../objectives/objective-estimator.ts';
import { type Groups, groupsOf } from './groups.ts';
import { groupScores, type RankingMetric, weightScores } from './scores.ts';

/** A layer's groups as items of a knapsack. */
export interface LayerGroups {
  readonly layer: LayerAttributes;
  readonly weights: Float32Array;
  readonly groups: Groups;
  /** What keeping each group is worth. */
  readonly values: Float64Array;
  /** 1 for groups that become one number when they are not kept, 0 for those that become 0. */
  readonly isShared: Uint8Array;
  /** `[group][dimension]` */
  readonly savings: readonly (readonly number[])[];
}

/** How groups are ranked. */
export interface RankingOptions {
  readonly metric: RankingMetric;
  /** `∂L/∂w` or `∂²L/∂w²`, as the metric needs. */
  readonly derivatives: ArrayLike<number> | null;
  /** Divide norms, variances by the layer's highest, so that layers can be compared. */
  readonly normalise: { readonly norms: boolean; readonly variances: boolean };
}

/**
 * The groups of a layer with their values. A group is worth its norm, or its variance if that is smaller (then its weights are alike and can become
 * one number); where only pruning or only sharing is allowed, the one that is.
 */
export function layerGroups(
  layer: LayerAttributes,
  weights: Float32Array,
  objective: ObjectiveEstimator,
  { metric, derivatives, normalise }: RankingOptions,
): LayerGroups {
  const { name, kind, weightShape, optimizationAttributes } = layer;
  const where = `Layer '${name}'`;
  if (kind === null) throw new OptionError(`${where}: ${layer.layerType} has no kernel that can be pruned`);
  const { structure, pruning } = optimizationAttributes;
  const groups = groupsOf(kind, weightShape, optimizationAttributes, where);
  if (weights.length !== groups.of.length) {
    throw new OptionError(`${where}: ${weights.length} weights for a kernel of shape [${weightShape}]`);
  }
  if (derivatives !== null && derivatives.length !== weights.length) {
    throw new OptionError(`${where}: ${derivatives.length} derivatives for ${weights.length} weights`);
  }
  const scores = weightScores(metric, weights, derivatives);
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) {
    throw new OptionError(
      `${where}: weight ${bad} is ${weights[bad]}, its score ${scores[bad]}; both have to be finite`,
    );
  }
  const { norms, variances } = groupScores(kind, weightShape, structure, groups, scores, metric === 'l2' ? 2 : 1);
  const sharing = sharesWeights(layer);
  const ofNorm = normalise.norms ? relative(norms) : norms;
  const ofVariance = normalise.variances ? relative(variances) : variances;
  const values = new Float64Array(groups.count);
  const isShared = new Uint8Array(groups.count);
  for (let group = 0; group < groups.count; group++) {
    const norm = pruning ? ofNorm[group] : Number.POSITIVE_INFINITY;
    const variance = sharing ? ofVariance[group] : Number.POSITIVE_INFINITY;
    isShared[group] = norm <= variance ? 0 : 1;
    values[group] = Math.min(norm, variance);
  }
  const same = objective.layerSavings(layer);
  const own = objective.groupSavings?.(layer, { ...groups, weights }) ?? null;
  const savings = own ?? Array.from({ length: groups.count }, () => same);
  if (savings.length !== groups.count || savings.some((list) => list.length !== objective.dimensions.length)) {
    throw new OptionError(`${where}: the objective '${objective.name}' has savings of other groups or dimensions`);
  }
  return { layer, weights, groups, values, isShared, savings };
}

/** Whether weights are shared: single weights have nobody to share with. */
export function sharesWeights({ optimizationAttributes }: LayerAttributes): boolean {
  return optimizationAttributes.weightSharing && optimizationAttributes.structure !== 'unstructured';
}

/** Divided by the highest; zeros stay. */
function relative(numbers: Float64Array): Float64Array {
  const highest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return highest === 0 ? numbers : numbers.map((x) => x / highest);
}
