import { OptionError } from '../../option-error.ts';
import type { HardwareAttributes } from '../attributes/hardware-attributes.ts';
import type { LayerAttributes } from '../attributes/layer-attributes.ts';
import { type OptimizationAttributes, optimizationAttributes } from '../attributes/optimization-attributes.ts';

/**
 * What pruning is to save: how much of it a layer needs, and how much the removal of one group of its weights saves (hls4ml §1.3). All numbers
 * are whole; one per dimension, e.g. DSPs and blocks of memory.
 */
export interface ObjectiveEstimator {
  readonly name: string;
  /** What the numbers are, e.g. `['DSP', 'BRAM']`. */
  readonly dimensions: readonly string[];
  /** Weights of 0 are saved only when their formats have no bits (`releaseBits`), which `optimizeModel` then sees to. Default false. */
  readonly releasesBits?: boolean;
  /** Neurons and filters of zeros are saved only when they leave the model (`reduceModel`), which `optimizeModel` then sees to. Default false. */
  readonly reduces?: boolean;
  /** Whether something of the layer can be saved, and by which structure best. */
  isLayerOptimizable(layer: LayerAttributes): Optimizability;
  /** What the dense layer needs. */
  layerResources(layer: LayerAttributes): readonly number[];
  /** What one group saves, with the layer's present `optimizationAttributes`. */
  layerSavings(layer: LayerAttributes): readonly number[];
  /**
   * What each of `groups.count` groups saves, `[group][dimension]`, where groups differ: bits, adders. Absent or null: `layerSavings` for all.
   */
  groupSavings?(layer: LayerAttributes, groups: SavedGroups): readonly (readonly number[])[] | null;
}

/** Groups of a layer's weights as objectives see them. */
export interface SavedGroups {
  readonly count: number;
  /** Group of each weight, row-major. */
  readonly of: Int32Array;
  /** The kernel before quantisation, row-major. */
  readonly weights: Float32Array;
}

/** Answer of `isLayerOptimizable`; null attributes where nothing can be saved. */
export interface Optimizability {
  readonly optimizable: boolean;
  readonly attributes: OptimizationAttributes | null;
}

/** Nothing can be saved. */
export const NOT_OPTIMIZABLE: Optimizability = { optimizable: false, attributes: null };

/** Pruning with some structure. */
export function prunedAs(given: Partial<OptimizationAttributes>): Optimizability {
  return { optimizable: true, attributes: optimizationAttributes({ ...given, pruning: true }) };
}

/** Number of weights. */
export function weightCount(shape: readonly number[]): number {
  return shape.length === 0 ? 0 : shape.reduce((product, extent) => product * extent, 1);
}

/** @throws OptionError if the layer's hardware attributes are not there */
export function hardwareOf(layer: LayerAttributes, objective: string): HardwareAttributes {
  const { hardware } = layer.args;
  if (hardware !== undefined) return hardware;
  throw new OptionError(
    `Layer '${layer.name}': the objective ${objective} needs its hardware attributes; make the attributes with attributesFromModelAndConfig`,
  );
}

/** Whether removing groups saves something: pruning is on and sharing is off. Upstream's sharing saves none of these resources. */
export function savesByPruning({ optimizationAttributes: { pruning, weightSharing } }: LayerAttributes): boolean {
  return pruning && !weightSharing;
}
