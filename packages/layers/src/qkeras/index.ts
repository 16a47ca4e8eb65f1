export {
  type AccumulatorRow,
  analyzeAccumulator,
  analyzeAccumulatorFromSample,
  type InputRange,
} from './analyze-accumulator.ts';
export { type BnFoldInput, bnFold } from './bn-fold.ts';
export type { DataType } from './data-type.ts';
export { energySource, type Memory } from './energy-model.ts';
export { type QuantizerSettings, qkerasQuantizer } from './make-quantizer.ts';
export {
  type ModelQuantizeOptions,
  modelQuantize,
  type PythonSettings,
  type QuantizeConfig,
  type QuantizeSettings,
} from './model-quantize.ts';
export type { Gate, Multiplier } from './multiplier-type.ts';
export { type QKerasActivationArgs, QKerasActivationLayer, qkerasActivation } from './qkeras-activation.ts';
export {
  QKerasAdaptiveActivation,
  type QKerasAdaptiveActivationArgs,
  qkerasAdaptiveActivation,
} from './qkeras-adaptive-activation.ts';
export { type AffineKind, QKerasAffine, type QKerasAffineArgs, type WeightName } from './qkeras-affine.ts';
export {
  QKerasConv1D,
  QKerasConv2D,
  QKerasDense,
  QKerasDepthwiseConv2D,
  QKerasSeparableConv1D,
  QKerasSeparableConv2D,
  qkerasConv1D,
  qkerasConv2D,
  qkerasDense,
  qkerasDepthwiseConv2D,
  qkerasSeparableConv1D,
  qkerasSeparableConv2D,
} from './qkeras-affine-layers.ts';
export {
  QKerasAveragePooling2D,
  type QKerasAveragePoolingArgs,
  QKerasGlobalAveragePooling2D,
  qkerasAveragePooling2D,
  qkerasGlobalAveragePooling2D,
} from './qkeras-average-pooling.ts';
export {
  QKerasBatchNormalization,
  type QKerasBatchNormalizationArgs,
  qkerasBatchNormalization,
} from './qkeras-batch-normalization.ts';
export { type Operation, printQStats, type QStatsRow, type QStatsWeights, qstats } from './qstats.ts';
export { type QToolsOptions, type QToolsRow, qtools } from './qtools.ts';
export { qkerasQuantize } from './quantize.ts';
export type { Quantised, QuantizeContext, QuantizerData, QuantizerScale } from './quantize-context.ts';
export { getInternalSigmoid, setInternalSigmoid } from './quantize-tensor.ts';
export type { ActivationArgument, QKerasActivation, QuantizerArgument } from './quantizer-argument.ts';
export { type Limit, quantizerLimits } from './quantizer-limits.ts';
export type {
  Alpha,
  Bernoulli,
  Binary,
  NamedFunction,
  QKerasQuantizer,
  QuantizedBits,
  QuantizedHswish,
  QuantizedLinear,
  QuantizedPo2,
  QuantizedRelu,
  QuantizedReluPo2,
  QuantizedSigmoid,
  QuantizedTanh,
  QuantizedUlaw,
  QuantizerName,
  QuantizerValue,
  StochasticBinary,
  StochasticTernary,
  Ternary,
} from './quantizer-spec.ts';
export { parseQuantizer, printQuantizer, QuantizerStringError } from './quantizer-string.ts';
export { registerQKerasLayers } from './register-qkeras-layers.ts';
export type { InternalSigmoid } from './scalar-functions.ts';
export { type ForgivingOptions, forgivingFactor, type QNoiseSchedule, qnoiseAt } from './schedules.ts';
