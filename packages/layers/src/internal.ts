/**
 * What `@sp/layers` holds but does not promise: what the other packages of this repository share
 * with it, and the types that name options, results and parts of its public functions, so that
 * every declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// Settings of quantizers, and scopes that give them

export type { HardConfigOptions, HardTanhOptions } from './config/hard-configs.ts';
export type { LayerDefaults } from './config/layer-config-scope.ts';
export type { QuantizerScopeOptions } from './config/quantizer-config-scope.ts';
export type {
  DummyQuantizerConfig,
  FixedPointParameters,
  FixedQuantizerConfig,
  FloatParameters,
  FloatQuantizerConfig,
  Place,
  QuantizerOptions,
  QuantizerType,
} from './config/quantizer-settings.ts';

// The sparse path

export { GlobalAveragePooling2DSparse, GlobalMaxPooling2DSparse } from './layers/global-pooling2d-sparse.ts';
export type { Pooling2DSparseArgs } from './layers/pooling2d-sparse.ts';
export type { QConv2DSparseArgs } from './layers/q-conv2d-sparse.ts';
export { SparseFlatten } from './layers/sparse-flatten.ts';

// Layers with kernels

export type { FusedDenseArgs } from './layers/fused-dense.ts';
export type { QConvArgs } from './layers/q-conv.ts';
export type { QConv2DBatchNormArgs } from './layers/q-conv2d-batch-norm.ts';
export type { QDenseArgs } from './layers/q-dense.ts';
export type { QDotArgs, QEinsumArgs } from './layers/q-einsum.ts';
export type { QEinsumDenseArgs } from './layers/q-einsum-dense.ts';
export type {
  Regularizer,
  RegularizerLike,
  WeightArgs,
  WeightConstraint,
  WeightConstraintLike,
  WeightSettings,
} from './layers/weight-settings.ts';

// Recurrence and attention

export type { AttentionFuse, QMultiHeadAttentionArgs } from './layers/attention-args.ts';
export type { QGRUArgs } from './layers/q-gru.ts';
export type { QLinformerAttentionArgs } from './layers/q-linformer-attention.ts';
export type { AttentionParts } from './layers/q-multi-head-attention.ts';
export type { QRecurrentArgs } from './layers/q-recurrent.ts';
export type { QSimpleRNNArgs } from './layers/q-simple-rnn.ts';

// Arithmetic and pooling of quantised values

export { MeanOfInputs } from './layers/mean-of-inputs.ts';
export type { QGlobalPoolingArgs } from './layers/q-global-pooling.ts';
export type { QMergeArgs } from './layers/q-merge.ts';
export type { QPoolingArgs } from './layers/q-pooling.ts';
export type { QMeanPow2Args, QSumArgs } from './layers/q-sum.ts';

// Normalisation and activations

export type { BatchNormArgs } from './layers/batch-norm-state.ts';
export type { QBatchNormalizationArgs } from './layers/q-batch-normalization.ts';
export { type QLeakyReluArgs, QRelu, type QReluArgs } from './layers/q-relu.ts';
export type { QSoftmaxArgs } from './layers/q-softmax.ts';
export type { QUnaryFunctionLUTArgs } from './layers/q-unary-function-lut.ts';

// The quantizer as a layer, and the layers' common base

export type { Applied, CallOptions, Symbolic, SymbolicPair, TensorPair } from './layers/applied.ts';
export type { QLayerArgs, QuantizerLike } from './layers/q-layer.ts';
export { QuantizerLayer, type QuantizerLayerArgs } from './layers/quantizer-layer.ts';

// Plain layers that tfjs-layers lacks

export {
  Clip,
  type ClipArgs,
  ElementFunction,
  type ElementFunctionArgs,
  ExponentialLinear,
  type ExponentialLinearArgs,
  FunctionLayer,
  Rectifier,
  type RectifierArgs,
} from './layers/function-layers.ts';
export { ReduceAxes, type ReduceAxesArgs, type ReduceMode } from './layers/reduce-axes.ts';
export { type ConstantTensor, ScaleShift, type ScaleShiftArgs } from './layers/scale-shift.ts';
export { type Selection, Take, type TakeArgs } from './layers/take.ts';
export { ZeroPad, type ZeroPadArgs } from './layers/zero-pad.ts';

// Quantizers

export type { UnaryFunction } from './ops/unary-function.ts';
export type { CallContext } from './quantizer/call-context.ts';
export { type FixedQuantizeOptions, fixedQuantize } from './quantizer/fixed-op.ts';
export { type HasQuantizedTensors, hasQuantizedTensors, type QuantizedTensor } from './quantizer/quantized-tensors.ts';
export type { BitCounts, QuantizerRange } from './quantizer/quantizer.ts';

// From a model to a fixed graph

export type { CalibrationData, InputType } from './lower/input-format.ts';
export type { LowerOptions } from './lower/lower.ts';
export type { LowerNote, SoftmaxChoice } from './lower/lowered.ts';
export type { LayerPrecision } from './lower/precision.ts';

// Reading a model out

export { conv2dCost } from './ebops/cost.ts';
export type { LossTerm } from './ebops/layer-loss.ts';
export { watchRanges } from './model/cover-range.ts';
export type { LayerOutputOptions } from './model/layer-outputs.ts';
export { namedVariables, setVariable } from './model/model-state.ts';
export { type OutputHead, type OutputKind, outputHead } from './model/output-head.ts';
export { checkTraceOptions, type ImageArray, type TraceMinMaxOptions } from './model/trace-min-max.ts';
export { allLayers } from './model/walk.ts';

// Saving and loading

export type { HostBackend } from './backend/kernel-memory.ts';
export type { BackendChoice } from './backend/set-backend.ts';
export type { SaveModelOptions } from './io/save-model.ts';

// Errors

export type { LayerErrorFields } from './layer-error.ts';

// Files of Keras 3

export type { Hdf5Dataset } from './keras/hdf5.ts';
export type { ImportNote, ImportOptions } from './keras/import-keras.ts';
export type { JsonObject } from './keras/json-object.ts';
export type { KerasCall, KerasTensor } from './keras/keras-calls.ts';
export type { LoadKerasOptions } from './keras/load-keras.ts';
export type { KerasFile, KerasLayer, KerasModel } from './keras/read-keras.ts';
export type { VariableValue } from './keras/stored-variables.ts';

// Files of Keras 2

export type { BuildKeras2Options } from './keras2/build-keras2.ts';
export type { LoadKeras2Options } from './keras2/load-keras2.ts';
export type { Keras2File, Keras2Layer, Keras2Model } from './keras2/read-keras2.ts';
export type { Keras2Converter } from './keras2/stock-converters.ts';

// HGQ 1

export type { HCallback } from './hgq1/h-callbacks.ts';
export type { HBatchNormArgs, HKernelArgs } from './hgq1/h-kernel-args.ts';
export type { HConvArgs, HDenseArgs } from './hgq1/h-kernel-layers.ts';
export type { HLayer, HLayerArgs } from './hgq1/h-layer.ts';
export type { HQuantizer } from './hgq1/h-quantizer.ts';
export type { HActivationArgs } from './hgq1/h-simple-layers.ts';
export type { HTraceOptions } from './hgq1/h-trace-min-max.ts';
export type { LegacyTypesOptions, LegacyTypesRow } from './hgq1/legacy-types.ts';
export type { PPoolingArgs } from './hgq1/passive-layers.ts';
export type { BitRegularizer, HQuantizerConfig, RoundStrategy, SkipDims } from './hgq1/quantizer-config.ts';
export type { PerElement, SignatureArgs } from './hgq1/signature.ts';
export type { ProxyNote, ProxyOptions } from './hgq1/to-proxy-model.ts';

// QKeras

export type { AccumulatorRow, InputRange } from './qkeras/analyze-accumulator.ts';
export type { BnFoldInput } from './qkeras/bn-fold.ts';
export type { DataType } from './qkeras/data-type.ts';
export type { Memory } from './qkeras/energy-model.ts';
export type { QuantizerSettings } from './qkeras/make-quantizer.ts';
export type {
  ModelQuantizeOptions,
  PythonSettings,
  QuantizeConfig,
  QuantizeSettings,
} from './qkeras/model-quantize.ts';
export type { Gate, Multiplier } from './qkeras/multiplier-type.ts';
export type { QKerasActivationArgs, QKerasActivationLayer } from './qkeras/qkeras-activation.ts';
export type { QKerasAdaptiveActivation, QKerasAdaptiveActivationArgs } from './qkeras/qkeras-adaptive-activation.ts';
export type { AffineKind, QKerasAffineArgs, WeightName } from './qkeras/qkeras-affine.ts';
export type {
  QKerasConv1D,
  QKerasConv2D,
  QKerasDense,
  QKerasDepthwiseConv2D,
  QKerasSeparableConv1D,
  QKerasSeparableConv2D,
} from './qkeras/qkeras-affine-layers.ts';
export type {
  QKerasAveragePooling2D,
  QKerasAveragePoolingArgs,
  QKerasGlobalAveragePooling2D,
} from './qkeras/qkeras-average-pooling.ts';
export type { QKerasBatchNormalization, QKerasBatchNormalizationArgs } from './qkeras/qkeras-batch-normalization.ts';
export type { Operation, QStatsRow, QStatsWeights } from './qkeras/qstats.ts';
export type { QToolsOptions, QToolsRow } from './qkeras/qtools.ts';
export type { Quantised, QuantizeContext, QuantizerData, QuantizerScale } from './qkeras/quantize-context.ts';
export type { ActivationArgument, QKerasActivation, QuantizerArgument } from './qkeras/quantizer-argument.ts';
export type { Limit } from './qkeras/quantizer-limits.ts';
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
} from './qkeras/quantizer-spec.ts';
export type { InternalSigmoid } from './qkeras/scalar-functions.ts';
export type { ForgivingOptions, QNoiseSchedule } from './qkeras/schedules.ts';
