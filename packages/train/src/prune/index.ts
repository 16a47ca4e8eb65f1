/**
 * Hardware-aware pruning and weight sharing: which groups of weights a model can do without, so that what hardware needs less of is saved.
 *
 * What hardware needs comes in from outside, as an `Objective`: plain functions over plain data. This module imports nothing of `@sp/hls`, and
 * `@sp/hls` nothing of this one; a caller that has both gives `firmwareObjective` the function that costs a graph.
 */
// What is known about layers
export {
  attributesFromModelAndConfig,
  type FirmwareConfig,
  type FirmwareOptions,
} from './attributes/attributes-from-config.ts';
export { attributesFromModel } from './attributes/attributes-from-model.ts';
export {
  type HardwareAttributes,
  type HardwareSettings,
  hardwareAttributes,
} from './attributes/hardware-attributes.ts';
export {
  describeLayer,
  type LayerArguments,
  type LayerAttributes,
  type ModelAttributes,
  withArguments,
} from './attributes/layer-attributes.ts';
export { type OptimizationAttributes, optimizationAttributes } from './attributes/optimization-attributes.ts';
export { type PrunableKernel, prunableKernel } from './attributes/prunable-kernel.ts';
export type { KernelKind, Structure } from './attributes/structure.ts';
// Regularisers of the right strength
export {
  type BuildOptions,
  buildOptimizableModel,
  type OptimizableModel,
} from './builder/build-optimizable-model.ts';
export {
  defaultRegularizationRange,
  HyperOptimizationModel,
  type HyperOptimizationOptions,
  type HyperParameters,
} from './builder/hyper-optimization-model.ts';
export type { Tuner, TunerOptions } from './builder/tune-penalties.ts';
// Which groups to keep
export type { KnapsackProblem, KnapsackSolution } from './knapsack/problem.ts';
export { type KnapsackOptions, type KnapsackSolver, solveKnapsack } from './knapsack/solve-knapsack.ts';
export { applyMasks } from './masks/apply-masks.ts';
export {
  getModelMasks,
  type KernelValues,
  type MaskOptions,
  type ModelMasks,
  masksOfKernels,
} from './masks/get-model-masks.ts';
export { type GroupSettings, type Groups, groupsOf } from './masks/groups.ts';
export { releaseBits } from './masks/release-bits.ts';
export type { RankingMetric } from './masks/scores.ts';
// What is saved
export { adderObjective, countAdders } from './objectives/adder-objective.ts';
export { attributesForObjective, type ChosenAttributes } from './objectives/attributes-for-objective.ts';
export { dspBramObjective } from './objectives/dsp-bram-objective.ts';
export { dspObjective } from './objectives/dsp-objective.ts';
export { ebopsObjective, type GroupChoice } from './objectives/ebops-objective.ts';
export { ffObjective } from './objectives/ff-objective.ts';
export {
  type FirmwareCosts,
  type FirmwareObjectiveOptions,
  firmwareObjective,
} from './objectives/firmware-objective.ts';
export { flopObjective } from './objectives/flop-objective.ts';
export type { Objective, Optimizability, SavedGroups } from './objectives/objective.ts';
export { parameterObjective } from './objectives/parameter-objective.ts';
// The whole
export type { OptimizationStep } from './optimize/optimization-run.ts';
export { type OptimizedModel, optimizeModel } from './optimize/optimize-model.ts';
export { optimizeModelForHls } from './optimize/optimize-model-for-hls.ts';
export type { OptimizeOptions, OptimizeProgress } from './optimize/optimize-options.ts';
export type { PruningTraining, ValidationMetric } from './optimize/training.ts';
// What is left
export { getLastLayerWithWeights, getModelSparsity, type ModelSparsity } from './read-out/get-model-sparsity.ts';
// A smaller model
export { type ReducedModel, type ReduceOptions, reduceModel } from './reduce/reduce-model.ts';
export type { Inexact } from './reduce/removable-channels.ts';
// Groups that vanish, or become one number
export {
  groupPenalty,
  type Penalty,
  type PenaltyOptions,
  type PenaltySettings,
  penaltySettings,
} from './regularize/group-penalty.ts';
export {
  Conv2DRegularizer,
  conv2DRegularizer,
  DenseRegularizer,
  denseRegularizer,
  registerRegularizers,
} from './regularize/group-regularizers.ts';
export { removeCustomRegularizers } from './regularize/remove-custom-regularizers.ts';
// How far to go
export {
  binarySparsity,
  constantSparsity,
  polynomialSparsity,
  type SparsityRange,
  type SparsityScheduler,
  type SparsityState,
  type SparsityStep,
} from './schedule/sparsity-scheduler.ts';
// Training with masks
export { type GradientOptions, getModelGradients, type KernelDerivatives } from './training/get-model-gradients.ts';
export { getModelHessians, type HessianOptions } from './training/get-model-hessians.ts';
export { MaskedBackprop, type MaskedBackpropOptions } from './training/masked-backprop.ts';
export { type FixedWeights, type PruningRules, pruningOptimizer } from './training/pruning-optimizer.ts';
export type { TensorLoss } from './training/tensor-loss.ts';
