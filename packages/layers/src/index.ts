// Saving and loading
export { FileError } from '@sp/quant/files';
export type { HostBackend } from './backend/kernel-memory.ts';
export { type BackendChoice, setBackend } from './backend/set-backend.ts';
export {
  type HardConfigOptions,
  type HardTanhOptions,
  hardSigmoidConfig,
  hardTanhConfig,
} from './config/hard-configs.ts';
export { type LayerDefaults, layerConfigScope } from './config/layer-config-scope.ts';
export { quantizerConfig } from './config/quantizer-config.ts';
export { type QuantizerScopeOptions, quantizerConfigScope } from './config/quantizer-config-scope.ts';
export type {
  DummyQuantizerConfig,
  FixedPointParameters,
  FixedQuantizerConfig,
  FloatParameters,
  FloatQuantizerConfig,
  Place,
  QuantizerConfig,
  QuantizerOptions,
  QuantizerType,
} from './config/quantizer-settings.ts';
export type { LossTerm } from './ebops/layer-loss.ts';
export { fileHandler } from './io/file-handler.ts';
export type { SaveModelOptions } from './io/save-model.ts';
export { loadModel, loadOptimizer, saveModel } from './io/save-model.ts';
export { LayerError, type LayerErrorFields } from './layer-error.ts';
export type { Applied, CallOptions, Symbolic, SymbolicPair, TensorPair } from './layers/applied.ts';
export type { AttentionFuse, QMultiHeadAttentionArgs } from './layers/attention-args.ts';
export type { BatchNormArgs } from './layers/batch-norm-state.ts';
// Plain layers that tfjs-layers lacks
export {
  Clip,
  type ClipArgs,
  clip,
  ElementFunction,
  type ElementFunctionArgs,
  ExponentialLinear,
  type ExponentialLinearArgs,
  elementFunction,
  exponentialLinear,
  FunctionLayer,
  Rectifier,
  type RectifierArgs,
  rectifier,
} from './layers/function-layers.ts';
export type { FusedDenseArgs } from './layers/fused-dense.ts';
export {
  GlobalAveragePooling2DSparse,
  GlobalMaxPooling2DSparse,
  globalAveragePooling2DSparse,
  globalMaxPooling2DSparse,
} from './layers/global-pooling2d-sparse.ts';
export { InputReduce, type InputReduceArgs, inputReduce } from './layers/input-reduce.ts';
export { MeanOfInputs, meanOfInputs } from './layers/mean-of-inputs.ts';
export {
  QAdd,
  QAveragePow2,
  QMaximum,
  QMinimum,
  QMultiply,
  QSubtract,
  qAdd,
  qAveragePow2,
  qMaximum,
  qMinimum,
  qMultiply,
  qSubtract,
} from './layers/merge-layers.ts';
export {
  AveragePooling2DSparse,
  averagePooling2DSparse,
  MaxPooling2DSparse,
  maxPooling2DSparse,
  type Pooling2DSparseArgs,
} from './layers/pooling2d-sparse.ts';
export { QAffinedUnaryFunctionLUT, qAffinedUnaryFunctionLUT } from './layers/q-affined-unary-function-lut.ts';
export { QBatchNormDense, qBatchNormDense } from './layers/q-batch-norm-dense.ts';
export {
  QBatchNormalization,
  type QBatchNormalizationArgs,
  qBatchNormalization,
} from './layers/q-batch-normalization.ts';
export type { QConvArgs } from './layers/q-conv.ts';
export { QConv1D, qConv1D } from './layers/q-conv1d.ts';
export { QConv2D, qConv2D } from './layers/q-conv2d.ts';
export { QConv2DBatchNorm, type QConv2DBatchNormArgs, qConv2DBatchNorm } from './layers/q-conv2d-batch-norm.ts';
export { QConv2DSparse, type QConv2DSparseArgs, qConv2DSparse } from './layers/q-conv2d-sparse.ts';
export { QDense, type QDenseArgs, qDense } from './layers/q-dense.ts';
export { QDenseBatchNorm, qDenseBatchNorm } from './layers/q-dense-batch-norm.ts';
export { QDot, type QDotArgs, QEinsum, type QEinsumArgs, qDot, qEinsum } from './layers/q-einsum.ts';
export { QEinsumDense, type QEinsumDenseArgs, qEinsumDense } from './layers/q-einsum-dense.ts';
export {
  QGlobalAveragePooling1D,
  QGlobalAveragePooling2D,
  QGlobalMaxPooling1D,
  QGlobalMaxPooling2D,
  type QGlobalPoolingArgs,
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
} from './layers/q-global-pooling.ts';
export { QGRU, type QGRUArgs, qGRU } from './layers/q-gru.ts';
export { QLayer, type QLayerArgs, type QuantizerLike } from './layers/q-layer.ts';
export {
  QLinformerAttention,
  type QLinformerAttentionArgs,
  qLinformerAttention,
} from './layers/q-linformer-attention.ts';
export type { QMergeArgs } from './layers/q-merge.ts';
export { type AttentionParts, QMultiHeadAttention, qMultiHeadAttention } from './layers/q-multi-head-attention.ts';
export {
  QAveragePooling1D,
  QAveragePooling2D,
  QMaxPooling1D,
  QMaxPooling2D,
  type QPoolingArgs,
  qAveragePooling1D,
  qAveragePooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
} from './layers/q-pooling.ts';
export type { QRecurrentArgs } from './layers/q-recurrent.ts';
export { type QLeakyReluArgs, QRelu, type QReluArgs, qLeakyRelu, qRelu } from './layers/q-relu.ts';
export { QSimpleRNN, type QSimpleRNNArgs, qSimpleRNN } from './layers/q-simple-rnn.ts';
export { QSoftmax, type QSoftmaxArgs, qSoftmax } from './layers/q-softmax.ts';
export { QMeanPow2, type QMeanPow2Args, QSum, type QSumArgs, qMeanPow2, qSum } from './layers/q-sum.ts';
export { QUnaryFunctionLUT, type QUnaryFunctionLUTArgs, qUnaryFunctionLUT } from './layers/q-unary-function-lut.ts';
export { QuantizerLayer, type QuantizerLayerArgs, quantizer } from './layers/quantizer-layer.ts';
export { ReduceAxes, type ReduceAxesArgs, type ReduceMode, reduceAxes } from './layers/reduce-axes.ts';
export { registerLayers } from './layers/register-layers.ts';
export { RemoveDilatedPixels, removeDilatedPixels } from './layers/remove-dilated-pixels.ts';
export { type ConstantTensor, ScaleShift, type ScaleShiftArgs, scaleShift } from './layers/scale-shift.ts';
export { SparseFlatten, sparseFlatten } from './layers/sparse-flatten.ts';
export { type Selection, Take, type TakeArgs, take } from './layers/take.ts';
export { registerUnaryFunction } from './layers/unary-functions.ts';
export type {
  Regularizer,
  RegularizerLike,
  WeightArgs,
  WeightConstraint,
  WeightConstraintLike,
  WeightSettings,
} from './layers/weight-settings.ts';
export { ZeroPad, type ZeroPadArgs, zeroPad } from './layers/zero-pad.ts';
export type { CalibrationData, InputType } from './lower/input-format.ts';
export { type LowerOptions, lower } from './lower/lower.ts';
export { LowerError, type LowerNote, type SoftmaxChoice } from './lower/lowered.ts';
export type { LayerPrecision, Precision } from './lower/precision.ts';
export { type LayerOutput, type LayerOutputOptions, layerOutputs } from './model/layer-outputs.ts';
export { type ModelState, modelState, namedVariables, restoreState, setVariable } from './model/model-state.ts';
export { type OutputHead, type OutputKind, outputHead } from './model/output-head.ts';
export { type TraceOptions, traceMinMax } from './model/trace-min-max.ts';
export { allLayers, collectInputReduces, collectQLayers, totalEbops } from './model/walk.ts';
export type { UnaryFunction } from './ops/unary-function.ts';
export { type CallContext, callContext } from './quantizer/call-context.ts';
export { type Constraint, constantConstraint, minMax } from './quantizer/constraint.ts';
export { type FixedQuantizeOptions, fixedQuantize } from './quantizer/fixed-op.ts';
export { type HasQuantizedTensors, hasQuantizedTensors, type QuantizedTensor } from './quantizer/quantized-tensors.ts';
export type { BitCounts, Quantizer, QuantizerRange } from './quantizer/quantizer.ts';
