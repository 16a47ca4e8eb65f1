// A model against its fixed graph
export {
  type GraphAgreement,
  type GraphAgreementOptions,
  graphAgreement,
  type LayerAgreement,
} from './agreement/graph-agreement.ts';
// Callbacks
export { type CheckpointOptions, type CheckpointStore, checkpoint, restoreCheckpoint } from './callbacks/checkpoint.ts';
export { CheckpointError, type TrainingState } from './callbacks/checkpoint-file.ts';
export {
  type EarlyStoppingWithEbopsThresholdOptions,
  earlyStoppingWithEbopsThreshold,
} from './callbacks/early-stopping-with-ebops-threshold.ts';
export { freeEbops } from './callbacks/free-ebops.ts';
export type { ParetoRecord } from './callbacks/pareto-folder.ts';
export { type ParetoFront, type ParetoFrontOptions, paretoFront } from './callbacks/pareto-front.ts';
export { type ResumeOptions, resumeFit } from './callbacks/resume-fit.ts';
export { type SettleBudgetOptions, settleBudget } from './callbacks/settle-budget.ts';
export { type StockCallback, type StockCallbackOptions, stockCallback } from './callbacks/stock-callback.ts';
export { type StopIfOptions, stopIf } from './callbacks/stop-if.ts';
export { terminateOnNaN } from './callbacks/terminate-on-nan.ts';
// Data
export { type Batch, batches } from './data/batches.ts';
export { classCoverage } from './data/class-coverage.ts';
export { DataError } from './data/data-error.ts';
export type { DataFile, DataPlace } from './data/data-path.ts';
export {
  checkDataset,
  type DataSplit,
  type Dataset,
  type ImageShape,
  pixelsPerImage,
  selectImages,
  sliceImages,
} from './data/dataset.ts';
export {
  datasetFromArrays,
  type ImagesAndLabels,
  type PlainLabels,
  type TensorLike,
} from './data/dataset-from-arrays.ts';
export type { DatasetOptions } from './data/dataset-options.ts';
export type { FileOptions } from './data/file-options.ts';
export { loadCsv } from './data/load-csv.ts';
export { loadIdx } from './data/load-idx.ts';
export { loadMnistIdx } from './data/load-mnist-idx.ts';
export { type LoadOptions, loadNpz } from './data/load-npz.ts';
export { type CsvOptions, parseCsv } from './data/parse-csv.ts';
export { parseIdx } from './data/parse-idx.ts';
export { parseNpy } from './data/parse-npy.ts';
export { parseNpz } from './data/parse-npz.ts';
export { pixelFormat } from './data/pixel-format.ts';
export { type RandomSource, randomSource, shuffledIndices } from './data/random.ts';
export { readBytes } from './data/read-bytes.ts';
export type { SizeLimit } from './data/size-limit.ts';
export { everyFifthTests, loadDigits, sparseDigits } from './data/sparse-digits.ts';
export { sparseMnist } from './data/sparse-mnist.ts';
export { type HeldOut, splitDataset } from './data/split-dataset.ts';
export type { ElementType, NumberArray, TypedArray } from './data/typed-array.ts';
// EBOPs and bit widths
export { type EbopsRow, ebopsTable } from './ebops/ebops-table.ts';
export { type QuantizationRow, quantizationTable, totalWeightBits } from './ebops/quantization-table.ts';
export { setSparseEbopsFactor } from './ebops/sparse-ebops-factor.ts';
// Training
export {
  compileEngine,
  type Engine,
  type EngineOptions,
  type EngineStep,
} from './engine/compile-engine.ts';
export type { EngineBackend } from './engine/engine-backend.ts';
export type { EngineLoss } from './engine/engine-loss.ts';
export type { LossFunction, LossName } from './engine/loss-function.ts';
export { type WasmBackendOptions, wasmBackend } from './engine/memory/wasm-backend.ts';
export type { Optimizer, OptimizerKernels, OptimizerState, Parameter, ParameterStore } from './engine/optimizer.ts';
export { type AdamOptions, adam } from './fit/adam.ts';
export type { FitCallback, FitContext } from './fit/callback.ts';
export { type CountCorrectOptions, countCorrect, type OneOutput } from './fit/count-correct.ts';
export { type Evaluation, type EvaluationOptions, evaluate, evaluateStream, predictAll } from './fit/evaluate.ts';
export { type FitOptions, type FitResult, fit } from './fit/fit.ts';
export type { ClassWeight, WeightOptions } from './fit/image-weights.ts';
export type { History, Logs } from './fit/logs.ts';
export { crossEntropy, lossFunction, type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from './fit/loss.ts';
export { type ProgressOptions, progress } from './fit/progress.ts';
export { setSeed } from './fit/set-seed.ts';
export { type SgdOptions, sgd } from './fit/sgd.ts';
export { type Task, taskOf } from './fit/task.ts';
// Monitors
export { betaPidController, betaScheduler } from './monitor/beta-scheduler.ts';
export { type EarlyStopping, type EarlyStoppingOptions, earlyStopping } from './monitor/early-stopping.ts';
export { type MonitorOptions, sparseTrainingMonitor } from './monitor/sparse-training-monitor.ts';
export { OptionError } from './option-error.ts';
// Schedules
export { type BetaPid, type BetaPidOptions, type BetaPidState, betaPid } from './schedule/beta-pid.ts';
export {
  type CosineOptions,
  cosineLr,
  cosineRestartsLr,
  type LrPiece,
  piecewiseLr,
  type RestartOptions,
} from './schedule/cosine-lr.ts';
export type { LrSchedule } from './schedule/lr-schedule.ts';
export { type BetaPoint, type BetaSchedule, piecewiseBeta } from './schedule/piecewise-beta.ts';
// Data read or made piece by piece
export type { ArrayReader } from './stream/array-reader.ts';
export { openIdx, streamIdx } from './stream/open-idx.ts';
export { openNpy, streamNpy } from './stream/open-npy.ts';
export { openNpz, type StreamNpzOptions, streamNpz } from './stream/open-npz.ts';
export { readStream } from './stream/read-stream.ts';
export { type StreamArraysOptions, streamArrays } from './stream/stream-arrays.ts';
export { type StreamShuffle, streamBatches } from './stream/stream-batches.ts';
export { type StreamingDataset, sliceStream, streamDataset } from './stream/streaming-dataset.ts';
// Data study
export { type ActivePixels, activePixelsVsThreshold, type ThresholdRange } from './study/active-pixels.ts';
export {
  type ActivePixel,
  type ReducedExample,
  type ReductionOptions,
  reducedExamples,
} from './study/reduced-examples.ts';
export {
  type SettlingOptions,
  type SettlingReduction,
  settlingReduction,
} from './study/settling-reduction.ts';
export { type ReductionSuggestion, type SuggestionOptions, suggestReduction } from './study/suggest-reduction.ts';
export type { SyntheticOptions } from './synthetic/image-generator.ts';
export { noisyTracks } from './synthetic/noisy-tracks.ts';
export { prongJets } from './synthetic/prong-jets.ts';
export { tracksAndShowers } from './synthetic/tracks-and-showers.ts';
// Tracing and BOPs
export { type BopsRow, bopsTable, totalBops } from './trace/bops-table.ts';
export { calibratedBops } from './trace/calibrated-bops.ts';
export { resetMinMax } from './trace/reset-min-max.ts';
export { type TraceMinMaxOptions, traceMinMax, traceMinMaxStream } from './trace/trace-min-max.ts';
export { TrainingError } from './training-error.ts';
// Warnings
export { type ActivityOptions, activityWarnings } from './warnings/activity-warnings.ts';
export { type Chance, chanceWarnings } from './warnings/chance-warnings.ts';
export { ebopsWarnings } from './warnings/ebops-warnings.ts';
export { kernelWarnings } from './warnings/kernel-warnings.ts';
export type { ModelWarning } from './warnings/model-warning.ts';
export {
  type PrintWarnings,
  type PrintWarningsOptions,
  printWarnings,
  type TimedWarning,
} from './warnings/print-warnings.ts';
export { untracedWarnings } from './warnings/untraced-warnings.ts';
