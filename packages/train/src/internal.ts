/**
 * What `@sp/train` holds but does not promise: what the other packages of this repository share
 * with it, and the types that name options, results and parts of its public functions, so that
 * every declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// Data

export type { Batch } from './data/batches.ts';
export type { DataPlace } from './data/data-path.ts';
export type { ImagesAndLabels, PlainLabels, TensorLike } from './data/dataset-from-arrays.ts';
export type { DatasetOptions } from './data/dataset-options.ts';
export type { LoadOptions } from './data/load-npz.ts';
export type { CsvOptions } from './data/parse-csv.ts';
export type { RandomSource } from './data/random.ts';
export type { SizeLimit } from './data/size-limit.ts';
export type { HeldOut } from './data/split-dataset.ts';
export type { ElementType, NumberArray, TypedArray } from './data/typed-array.ts';

// Data read or made piece by piece

export type { StreamNpzOptions } from './stream/open-npz.ts';
export type { StreamArraysOptions } from './stream/stream-arrays.ts';
export type { StreamShuffle } from './stream/stream-batches.ts';

// Made-up data

export type { SyntheticOptions } from './synthetic/image-generator.ts';

// Data study

export type { ThresholdRange } from './study/active-pixels.ts';
export type { ActivePixel, ReductionOptions } from './study/reduced-examples.ts';
export type { SettlingOptions, SettlingReduction } from './study/settling-reduction.ts';
export type { ReductionSuggestion, SuggestionOptions } from './study/suggest-reduction.ts';

// HDF5

export type { LoadHdf5Options } from './hdf5/load-hdf5.ts';
export type { StreamHdf5Options } from './hdf5/stream-hdf5.ts';

// Training

export type { Engine, EngineOptions, EngineStep } from './engine/compile-engine.ts';
export type { EngineLoss } from './engine/engine-loss.ts';
export type { LossFunction, LossName } from './engine/loss-function.ts';
export type { WasmBackendOptions } from './engine/memory/wasm-backend.ts';
export type { Optimizer, OptimizerKernels, OptimizerState, Parameter, ParameterStore } from './engine/optimizer.ts';
export type { AdamOptions } from './fit/adam.ts';
export type { CountCorrectOptions, OneOutput } from './fit/count-correct.ts';
export type { Evaluation, EvaluationOptions } from './fit/evaluate.ts';
export type { FitResult } from './fit/fit.ts';
export type { ClassWeight, WeightOptions } from './fit/image-weights.ts';
export type { History } from './fit/logs.ts';
export type { SoftmaxCrossEntropyOptions } from './fit/loss.ts';
export type { ProgressOptions } from './fit/progress.ts';
export type { SgdOptions } from './fit/sgd.ts';
export { type Task, taskOf } from './fit/task.ts';

// Schedules

export type { BetaPid, BetaPidOptions, BetaPidState } from './schedule/beta-pid.ts';
export type { CosineOptions, LrPiece, RestartOptions } from './schedule/cosine-lr.ts';
export type { LrSchedule } from './schedule/lr-schedule.ts';
export type { BetaPoint, BetaSchedule } from './schedule/piecewise-beta.ts';

// Callbacks and monitors

export type { CheckpointOptions } from './callbacks/checkpoint.ts';
export type { EarlyStoppingWithEbopsThresholdOptions } from './callbacks/early-stopping-with-ebops-threshold.ts';
export type { ParetoRecord } from './callbacks/pareto-folder.ts';
export type { ParetoFrontOptions } from './callbacks/pareto-front.ts';
export type { ResumeOptions } from './callbacks/resume-fit.ts';
export type { SettleBudgetOptions } from './callbacks/settle-budget.ts';
export type { StockCallback, StockCallbackOptions } from './callbacks/stock-callback.ts';
export type { StopIfOptions } from './callbacks/stop-if.ts';
export type { EarlyStoppingOptions } from './monitor/early-stopping.ts';
export type { MonitorOptions } from './monitor/sparse-training-monitor.ts';

// Tracing and BOPs

export type { BopsRow } from './trace/bops-table.ts';

// Warnings

export type { ActivityOptions } from './warnings/activity-warnings.ts';
export type { Chance } from './warnings/chance-warnings.ts';
export type { ModelWarning } from './warnings/model-warning.ts';
export type { PrintWarnings, PrintWarningsOptions } from './warnings/print-warnings.ts';

// A model against its fixed graph

export type { GraphAgreementOptions, LayerAgreement } from './agreement/graph-agreement.ts';

// Pruning: what is known about layers

export type { FirmwareConfig, FirmwareOptions } from './prune/attributes/attributes-from-config.ts';
export type { HardwareAttributes, HardwareSettings } from './prune/attributes/hardware-attributes.ts';
export type { LayerArguments, LayerAttributes, ModelAttributes } from './prune/attributes/layer-attributes.ts';
export type { OptimizationAttributes } from './prune/attributes/optimization-attributes.ts';
export type { PrunableKernel } from './prune/attributes/prunable-kernel.ts';
export type { KernelKind, Structure } from './prune/attributes/structure.ts';

// Pruning: regularisers of the right strength

export type { BuildOptions, OptimizableModel } from './prune/builder/build-optimizable-model.ts';
export type { HyperOptimizationOptions, HyperParameters } from './prune/builder/hyper-optimization-model.ts';
export type { TunerOptions } from './prune/builder/tune-penalties.ts';
export type { Penalty, PenaltyOptions, PenaltySettings } from './prune/regularize/group-penalty.ts';

// Pruning: which groups to keep

export type { KnapsackSolution } from './prune/knapsack/problem.ts';
export type { KnapsackOptions } from './prune/knapsack/solve-knapsack.ts';
export type { KernelValues, MaskOptions, ModelMasks } from './prune/masks/get-model-masks.ts';
export type { GroupSettings, Groups } from './prune/masks/groups.ts';
export type { RankingMetric } from './prune/masks/scores.ts';

// Pruning: what is saved

export type { ChosenAttributes } from './prune/objectives/attributes-for-objective.ts';
export type { GroupChoice } from './prune/objectives/ebops-objective.ts';
export type { FirmwareCosts, FirmwareObjectiveOptions } from './prune/objectives/firmware-objective.ts';
export type { Optimizability, SavedGroups } from './prune/objectives/objective-estimator.ts';

// Pruning: the whole, and what is left

export type { OptimizationStep } from './prune/optimize/optimization-run.ts';
export type { OptimizeProgress } from './prune/optimize/optimize-options.ts';
export type { PruningTraining, ValidationMetric } from './prune/optimize/training.ts';
export type { ModelSparsity } from './prune/read-out/get-model-sparsity.ts';
export type { ReducedModel, ReduceOptions } from './prune/reduce/reduce-model.ts';
export type { Inexact } from './prune/reduce/removable-channels.ts';

// Pruning: how far to go

export type { SparsityScheduler, SparsityState, SparsityStep } from './prune/schedule/sparsity-scheduler.ts';

// Pruning: training with masks

export type { GradientOptions, KernelDerivatives } from './prune/training/get-model-gradients.ts';
export type { HessianOptions } from './prune/training/get-model-hessians.ts';
export type { MaskedBackpropOptions } from './prune/training/masked-backprop.ts';
export type { FixedWeights, PruningRules } from './prune/training/pruning-optimizer.ts';
export type { TensorLoss } from './prune/training/tensor-loss.ts';

// Searching for settings

export type { Journal } from './tune/journal.ts';
export type { BayesianOptions } from './tune/samplers/bayesian-sampler.ts';
export type { HyperbandOptions } from './tune/samplers/hyperband-sampler.ts';
export type { GoodAndBad } from './tune/samplers/parzen.ts';
export type { SharedJournal } from './tune/shared-journal.ts';
export type { Choice, Condition, Dimension, Point, Range, RangeOptions, Space, Value } from './tune/space.ts';
export type { Direction, Json, Proposal, Sampler, Search, Trial } from './tune/trial.ts';
export type { PendingTrial, TrialOutcome, TuneOptions, TuningResult } from './tune/tune.ts';
