import { type HardwareAttributes, widthOfPrecision } from '../attributes/hardware-attributes.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import { hardwareOf, NOT_OPTIMIZABLE, type ObjectiveEstimator, prunedAs, weightCount } from './objective-estimator.ts';

/** Multiplications by narrower weights are built from LUTs. */
const NARROWEST_IN_DSP = 9;

/**
 * Saves DSPs of Vivado and Vitis (upstream `VivadoDSPEstimator`): with strategy resource the weights that one multiplier handles, else single
 * weights. Layers with weights of less than 9 bits have no DSPs.
 */
export const dspObjective: ObjectiveEstimator = {
  name: 'DSP',
  dimensions: ['DSP'],
  isLayerOptimizable: (layer) => {
    if (!usesDsp(layer)) return NOT_OPTIMIZABLE;
    const { strategy, reuseFactor } = hardwareOf(layer, 'DSP');
    if (strategy !== 'resource') return prunedAs({ structure: 'unstructured' });
    return prunedAs({ structure: 'pattern', patternOffset: multipliers(layer, reuseFactor), consecutivePatterns: 1 });
  },
  layerResources: (layer) => {
    if (!usesDsp(layer)) return [0];
    const hardware = hardwareOf(layer, 'DSP');
    return [Math.floor(weightCount(layer.weightShape) / hardware.reuseFactor) * copiesOf(layer, hardware)];
  },
  layerSavings: (layer) => {
    if (!usesDsp(layer) || !layer.optimizationAttributes.pruning) return [0];
    return [dspSaving(layer) * copiesOf(layer, hardwareOf(layer, 'DSP'))];
  },
};

function usesDsp(layer: LayerAttributes): boolean {
  if (layer.kind === null) return false;
  const { weightPrecision } = hardwareOf(layer, 'DSP');
  return widthOfPrecision(weightPrecision, `Layer '${layer.name}': weightPrecision`) >= NARROWEST_IN_DSP;
}

function dspSaving(layer: LayerAttributes): number {
  const { strategy, reuseFactor, nIn } = hardwareOf(layer, 'DSP');
  const { structure, patternOffset, consecutivePatterns } = layer.optimizationAttributes;
  if (strategy === 'latency') return reuseFactor === 1 ? 1 : 0;
  switch (structure) {
    case 'unstructured':
      return reuseFactor === 1 ? 1 : 0;
    case 'structured':
      return reuseFactor === nIn ? 1 : 0;
    case 'pattern':
      return Math.floor(weightCount(layer.weightShape) / patternOffset) === reuseFactor ? consecutivePatterns : 0;
    case 'block':
      return 0;
  }
}

/** Positions of a convolution that have multipliers of their own; upstream forgets them. */
export function copiesOf({ kind }: LayerAttributes, { ioType, parallelizationFactor }: HardwareAttributes): number {
  return kind === 'conv2d' && ioType === 'io_parallel' ? parallelizationFactor : 1;
}

/** Multipliers of a layer, at least 1. */
export function multipliers({ weightShape }: LayerAttributes, reuseFactor: number): number {
  return Math.max(1, Math.floor(weightCount(weightShape) / reuseFactor));
}
