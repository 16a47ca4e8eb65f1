import { widthOfPrecision } from '../attributes/hardware-attributes.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import {
  hardwareOf,
  NOT_OPTIMIZABLE,
  type ObjectiveEstimator,
  prunedAs,
  savesByPruning,
  weightCount,
} from './objective-estimator.ts';
import { groupSize } from './parameter-objective.ts';

/**
 * Saves flip-flops of Vivado and Vitis (upstream `VivadoFFEstimator`): registers of the weights with strategy latency, of the results with
 * `io_parallel`. With `io_stream` and strategy resource weights are in memory: nothing to save.
 */
export const ffObjective: ObjectiveEstimator = {
  name: 'FF',
  dimensions: ['FF'],
  isLayerOptimizable: (layer) => {
    const place = layer.kind === null ? null : registers(layer);
    if (place === null || !(place.weights || place.results)) return NOT_OPTIMIZABLE;
    return prunedAs({ structure: place.weights ? 'unstructured' : 'structured' });
  },
  layerResources: (layer) => {
    if (layer.kind === null) return [0];
    const { weights, results, weightWidth, resultWidth } = registers(layer);
    const ofWeights = weights ? weightCount(layer.weightShape) * weightWidth : 0;
    return [ofWeights + (results ? weightCount(layer.outputShape) * resultWidth : 0)];
  },
  layerSavings: (layer) => {
    if (layer.kind === null || !savesByPruning(layer)) return [0];
    const { weights, results, weightWidth, resultWidth } = registers(layer);
    const isNeuron = layer.optimizationAttributes.structure === 'structured';
    const { nIn } = hardwareOf(layer, 'FF');
    const weightsOfGroup = isNeuron ? nIn : groupSize(layer);
    return [(weights ? weightsOfGroup * weightWidth : 0) + (results && isNeuron ? resultWidth : 0)];
  },
};

/** What is kept in registers, and how wide. */
function registers(layer: LayerAttributes): {
  readonly weights: boolean;
  readonly results: boolean;
  readonly weightWidth: number;
  readonly resultWidth: number;
} {
  const { ioType, strategy, weightPrecision, outputPrecision } = hardwareOf(layer, 'FF');
  const where = `Layer '${layer.name}':`;
  return {
    weights: strategy === 'latency',
    results: ioType === 'io_parallel',
    weightWidth: widthOfPrecision(weightPrecision, `${where} weightPrecision`),
    resultWidth: widthOfPrecision(outputPrecision, `${where} outputPrecision`),
  };
}
