import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import {
  NOT_OPTIMIZABLE,
  type ObjectiveEstimator,
  prunedAs,
  savesByPruning,
  weightCount,
} from './objective-estimator.ts';

/**
 * Saves floating-point operations, on any processor: whole neurons and filters, which `reduceModel` then removes (upstream `GPUFLOPEstimator`). Two
 * per product, one per bias.
 */
export const flopObjective: ObjectiveEstimator = {
  name: 'FLOP',
  dimensions: ['FLOP'],
  reduces: true,
  isLayerOptimizable: ({ kind }) => (kind === null ? NOT_OPTIMIZABLE : prunedAs({ structure: 'structured' })),
  layerResources: (layer) => {
    const { kind, weightShape } = layer;
    if (kind === null) return [0];
    return [2 * weightCount(weightShape) * positions(layer) + weightShape[weightShape.length - 1]];
  },
  layerSavings: (layer) => {
    const { kind, weightShape, optimizationAttributes } = layer;
    if (kind === null || !savesByPruning(layer) || optimizationAttributes.structure !== 'structured') return [0];
    return [2 * weightCount(weightShape.slice(0, -1)) * positions(layer) + 1];
  },
};

/** Applications of a convolution's kernel; 1 for dense layers. */
function positions({ kind, outputShape }: LayerAttributes): number {
  return kind === 'conv2d' ? outputShape[0] * outputShape[1] : 1;
}
