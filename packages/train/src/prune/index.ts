/**
 * Hardware-aware pruning and weight sharing: which groups of weights a model can do without, so that what hardware needs less of is saved.
 *
 * What hardware needs comes in from outside, as an `ObjectiveEstimator`: plain functions over plain data. This module imports nothing of `@sp/hls`, and
 * `@sp/hls` nothing of this one; a caller that has both gives `firmwareObjective` the function that costs a graph.
 */

// Pruning: what is known about layers

export { attributesFromModelAndConfig } from './attributes/attributes-from-config.ts';
export { attributesFromModel } from './attributes/attributes-from-model.ts';
export { hardwareAttributes } from './attributes/hardware-attributes.ts';
export { optimizationAttributes } from './attributes/optimization-attributes.ts';
export { prunableKernel } from './attributes/prunable-kernel.ts';

// Pruning: regularisers of the right strength

export { buildOptimizableModel } from './builder/build-optimizable-model.ts';
export { defaultRegularizationRange, HyperOptimizationModel } from './builder/hyper-optimization-model.ts';
export type { Tuner } from './builder/tune-penalties.ts';
export {
  Conv2DRegularizer,
  conv2DRegularizer,
  DenseRegularizer,
  denseRegularizer,
  registerRegularizers,
} from './regularize/group-regularizers.ts';
export { removeCustomRegularizers } from './regularize/remove-custom-regularizers.ts';

// Pruning: which groups to keep

export type { KnapsackProblem } from './knapsack/problem.ts';
export { type KnapsackSolver, solveKnapsack } from './knapsack/solve-knapsack.ts';
export { applyMasks } from './masks/apply-masks.ts';
export { getModelMasks } from './masks/get-model-masks.ts';
export { releaseBits } from './masks/release-bits.ts';

// Pruning: what is saved

export { adderObjective, countAdders } from './objectives/adder-objective.ts';
export { attributesForObjective } from './objectives/attributes-for-objective.ts';
export { dspBramObjective } from './objectives/dsp-bram-objective.ts';
export { dspObjective } from './objectives/dsp-objective.ts';
export { ebopsObjective } from './objectives/ebops-objective.ts';
export { ffObjective } from './objectives/ff-objective.ts';
export { firmwareObjective } from './objectives/firmware-objective.ts';
export { flopObjective } from './objectives/flop-objective.ts';
export type { ObjectiveEstimator } from './objectives/objective-estimator.ts';
export { parameterObjective } from './objectives/parameter-objective.ts';

// Pruning: the whole, and what is left

export { type OptimizedModel, optimizeModel } from './optimize/optimize-model.ts';
export { optimizeModelForHls } from './optimize/optimize-model-for-hls.ts';
export type { OptimizeOptions } from './optimize/optimize-options.ts';
export { getLastLayerWithWeights, getModelSparsity } from './read-out/get-model-sparsity.ts';
export { reduceModel } from './reduce/reduce-model.ts';

// Pruning: how far to go

export {
  binarySparsity,
  constantSparsity,
  polynomialSparsity,
  type SparsityRange,
} from './schedule/sparsity-scheduler.ts';

// Pruning: training with masks

export { getModelGradients } from './training/get-model-gradients.ts';
export { getModelHessians } from './training/get-model-hessians.ts';
export { MaskedBackprop } from './training/masked-backprop.ts';
export { pruningOptimizer } from './training/pruning-optimizer.ts';
