import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import {
  NOT_OPTIMIZABLE,
  type ObjectiveEstimator,
  prunedAs,
  savesByPruning,
  weightCount,
} from './objective-estimator.ts';

/** Saves weights, any (upstream `ParameterEstimator`). */
export const parameterObjective: ObjectiveEstimator = {
  name: 'parameters',
  dimensions: ['parameters'],
  isLayerOptimizable: ({ kind }) => (kind === null ? NOT_OPTIMIZABLE : prunedAs({ structure: 'unstructured' })),
  layerResources: ({ kind, weightShape }) => [kind === null ? 0 : weightCount(weightShape)],
  layerSavings: (layer) => [layer.kind === null || !savesByPruning(layer) ? 0 : groupSize(layer)],
};

/** Weights of one group. */
export function groupSize({ weightShape, optimizationAttributes }: LayerAttributes): number {
  const { structure, patternOffset, consecutivePatterns, blockShape } = optimizationAttributes;
  switch (structure) {
    case 'unstructured':
      return 1;
    case 'structured':
      return weightCount(weightShape.slice(0, -1));
    case 'pattern':
      return Math.floor(weightCount(weightShape) / patternOffset) * consecutivePatterns;
    case 'block':
      return blockShape[0] * blockShape[1];
  }
}
