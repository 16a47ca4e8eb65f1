// Data

export { batches } from './data/batches.ts';
export { classCoverage } from './data/class-coverage.ts';
export { DataError } from './data/data-error.ts';
export type { DataFile } from './data/data-path.ts';
export {
  checkDataset,
  type DataSplit,
  type Dataset,
  type ImageShape,
  pixelsPerImage,
  selectImages,
  sliceImages,
} from './data/dataset.ts';
export { datasetFromArrays } from './data/dataset-from-arrays.ts';
export type { FileOptions } from './data/file-options.ts';
export { loadCsv } from './data/load-csv.ts';
export { loadIdx } from './data/load-idx.ts';
export { loadMnistIdx } from './data/load-mnist-idx.ts';
export { loadNpz } from './data/load-npz.ts';
export { parseCsv } from './data/parse-csv.ts';
export { parseIdx } from './data/parse-idx.ts';
export { parseNpy } from './data/parse-npy.ts';
export { parseNpz } from './data/parse-npz.ts';
export { pixelFormat } from './data/pixel-format.ts';
export { randomSource } from './data/random.ts';
export { loadDigits } from './data/sparse-digits.ts';
export { sparseMnist } from './data/sparse-mnist.ts';
export { splitDataset } from './data/split-dataset.ts';

// Data read or made piece by piece

export type { ArrayReader } from './stream/array-reader.ts';
export { streamIdx } from './stream/open-idx.ts';
export { streamNpy } from './stream/open-npy.ts';
export { streamNpz } from './stream/open-npz.ts';
export { readStream } from './stream/read-stream.ts';
export { streamArrays } from './stream/stream-arrays.ts';
export { streamBatches } from './stream/stream-batches.ts';
export { type StreamingDataset, sliceStream, streamDataset } from './stream/streaming-dataset.ts';

// Made-up data

export { noisyTracks } from './synthetic/noisy-tracks.ts';
export { prongJets } from './synthetic/prong-jets.ts';
export { tracksAndShowers } from './synthetic/tracks-and-showers.ts';

// Data study

export { type ActivePixels, activePixelsVsThreshold } from './study/active-pixels.ts';
export { type ReducedExample, reducedExamples } from './study/reduced-examples.ts';
export { settlingReduction } from './study/settling-reduction.ts';
export { suggestReduction } from './study/suggest-reduction.ts';

// Training

export { compileEngine } from './engine/compile-engine.ts';
export type { EngineBackend } from './engine/engine-backend.ts';
export { wasmBackend } from './engine/memory/wasm-backend.ts';
export { adam } from './fit/adam.ts';
export type { FitCallback, FitContext } from './fit/callback.ts';
export { countCorrect } from './fit/count-correct.ts';
export { evaluate, evaluateStream, predictAll } from './fit/evaluate.ts';
export { type FitOptions, fit } from './fit/fit.ts';
export type { Logs } from './fit/logs.ts';
export { crossEntropy, lossFunction, softmaxCrossEntropy } from './fit/loss.ts';
export { progress } from './fit/progress.ts';
export { setSeed } from './fit/set-seed.ts';
export { sgd } from './fit/sgd.ts';

// Schedules

export { betaPid } from './schedule/beta-pid.ts';
export { cosineLr, cosineRestartsLr, piecewiseLr } from './schedule/cosine-lr.ts';
export { piecewiseBeta } from './schedule/piecewise-beta.ts';

// Callbacks and monitors

export { type CheckpointStore, checkpoint, restoreCheckpoint } from './callbacks/checkpoint.ts';
export { CheckpointError, type TrainingState } from './callbacks/checkpoint-file.ts';
export { earlyStoppingWithEbopsThreshold } from './callbacks/early-stopping-with-ebops-threshold.ts';
export { freeEbops } from './callbacks/free-ebops.ts';
export { type ParetoFront, paretoFront } from './callbacks/pareto-front.ts';
export { resumeFit } from './callbacks/resume-fit.ts';
export { settleBudget } from './callbacks/settle-budget.ts';
export { stockCallback } from './callbacks/stock-callback.ts';
export { stopIf } from './callbacks/stop-if.ts';
export { terminateOnNaN } from './callbacks/terminate-on-nan.ts';
export { betaPidController, betaScheduler } from './monitor/beta-scheduler.ts';
export { type EarlyStopping, earlyStopping } from './monitor/early-stopping.ts';
export { sparseTrainingMonitor } from './monitor/sparse-training-monitor.ts';

// EBOPs and bit widths

export { type EbopsRow, ebopsTable } from './ebops/ebops-table.ts';
export { type QuantizationRow, quantizationTable, totalWeightBits } from './ebops/quantization-table.ts';
export { setSparseEbopsFactor } from './ebops/sparse-ebops-factor.ts';

// Tracing and BOPs

export { traceMinMax } from '@sp/layers';
export { bopsTable, totalBops } from './trace/bops-table.ts';
export { calibratedBops } from './trace/calibrated-bops.ts';
export { resetMinMax } from './trace/reset-min-max.ts';
export { traceMinMaxStream } from './trace/trace-min-max-stream.ts';

// Warnings

export { printWarnings, type TimedWarning } from './warnings/print-warnings.ts';

// A model against its fixed graph

export { type GraphAgreement, graphAgreement } from './agreement/graph-agreement.ts';

// Errors

export { OptionError } from './option-error.ts';
export { TrainingError } from './training-error.ts';
