import { widthOfPrecision } from '../attributes/hardware-attributes.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import { copiesOf, multipliers } from './dsp-objective.ts';
import { hardwareOf, NOT_OPTIMIZABLE, type ObjectiveEstimator, prunedAs, weightCount } from './objective-estimator.ts';

/** Bits of a row of a memory block in its widest shape. */
const BRAM_ROW = 36;

/**
 * Saves DSPs and blocks of memory (upstream `VivadoMultiObjectiveEstimator`): with strategy resource and a reuse factor above 1, weights are read
 * from memory 36 bits a row, or 72 for two rows, so the multipliers that one row feeds go together.
 */
export const dspBramObjective: ObjectiveEstimator = {
  name: 'DSP and BRAM',
  dimensions: ['DSP', 'BRAM'],
  isLayerOptimizable: (layer) => {
    if (layer.kind === null) return NOT_OPTIMIZABLE;
    const { strategy, reuseFactor } = hardwareOf(layer, 'DSP and BRAM');
    if (strategy !== 'resource' || reuseFactor === 1) return prunedAs({ structure: 'unstructured' });
    const width = weightWidth(layer);
    const consecutivePatterns = BRAM_ROW % width === 0 ? BRAM_ROW / width : Math.ceil((2 * BRAM_ROW) / width);
    return prunedAs({ structure: 'pattern', patternOffset: multipliers(layer, reuseFactor), consecutivePatterns });
  },
  layerResources: (layer) => {
    if (layer.kind === null) return [0, 0];
    const hardware = hardwareOf(layer, 'DSP and BRAM');
    const { strategy, reuseFactor } = hardware;
    const count = weightCount(layer.weightShape);
    const dsp = Math.floor(count / reuseFactor) * copiesOf(layer, hardware);
    if (strategy === 'latency' || reuseFactor === 1) return [dsp, 0];
    return [dsp, Math.ceil((count * weightWidth(layer)) / (reuseFactor * BRAM_ROW))];
  },
  layerSavings: (layer) => {
    if (layer.kind === null || !layer.optimizationAttributes.pruning) return [0, 0];
    const hardware = hardwareOf(layer, 'DSP and BRAM');
    const { strategy, reuseFactor } = hardware;
    const copies = copiesOf(layer, hardware);
    if (reuseFactor === 1) return [copies, 0];
    if (strategy === 'latency') return [0, 0];
    const { structure, patternOffset, consecutivePatterns } = layer.optimizationAttributes;
    const width = weightWidth(layer);
    const isMultiplier = Math.floor(weightCount(layer.weightShape) / patternOffset) === reuseFactor;
    const bits = consecutivePatterns * width;
    const isRow = (bits === BRAM_ROW && BRAM_ROW % width === 0) || bits === 2 * BRAM_ROW;
    return structure === 'pattern' && isMultiplier && isRow ? [consecutivePatterns * copies, 1] : [0, 0];
  },
};

function weightWidth(layer: LayerAttributes): number {
  const { weightPrecision } = hardwareOf(layer, 'DSP and BRAM');
  return widthOfPrecision(weightPrecision, `Layer '${layer.name}': weightPrecision`);
}
