// Settings of quantizers, and scopes that give them

export { hardSigmoidConfig, hardTanhConfig } from './config/hard-configs.ts';
export { layerConfigScope } from './config/layer-config-scope.ts';
export { quantizerConfig } from './config/quantizer-config.ts';
export { quantizerConfigScope } from './config/quantizer-config-scope.ts';
export type { QuantizerConfig } from './config/quantizer-settings.ts';
export { type Constraint, constantConstraint, minMax } from './quantizer/constraint.ts';

// The sparse path

export { globalAveragePooling2DSparse, globalMaxPooling2DSparse } from './layers/global-pooling2d-sparse.ts';
export { InputReduce, type InputReduceArgs, inputReduce } from './layers/input-reduce.ts';
export {
  AveragePooling2DSparse,
  averagePooling2DSparse,
  MaxPooling2DSparse,
  maxPooling2DSparse,
} from './layers/pooling2d-sparse.ts';
export { QConv2DSparse, qConv2DSparse } from './layers/q-conv2d-sparse.ts';
export { RemoveDilatedPixels, removeDilatedPixels } from './layers/remove-dilated-pixels.ts';
export { sparseFlatten } from './layers/sparse-flatten.ts';

// Layers with kernels

export { QBatchNormDense, qBatchNormDense } from './layers/q-batch-norm-dense.ts';
export { QConv1D, qConv1D } from './layers/q-conv1d.ts';
export { QConv2D, qConv2D } from './layers/q-conv2d.ts';
export { QConv2DBatchNorm, qConv2DBatchNorm } from './layers/q-conv2d-batch-norm.ts';
export { QDense, qDense } from './layers/q-dense.ts';
export { QDenseBatchNorm, qDenseBatchNorm } from './layers/q-dense-batch-norm.ts';
export { QDot, QEinsum, qDot, qEinsum } from './layers/q-einsum.ts';
export { QEinsumDense, qEinsumDense } from './layers/q-einsum-dense.ts';

// Recurrence and attention

export { QGRU, qGRU } from './layers/q-gru.ts';
export { QLinformerAttention, qLinformerAttention } from './layers/q-linformer-attention.ts';
export { QMultiHeadAttention, qMultiHeadAttention } from './layers/q-multi-head-attention.ts';
export { QSimpleRNN, qSimpleRNN } from './layers/q-simple-rnn.ts';

// Arithmetic and pooling of quantised values

export { meanOfInputs } from './layers/mean-of-inputs.ts';
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
  QGlobalAveragePooling1D,
  QGlobalAveragePooling2D,
  QGlobalMaxPooling1D,
  QGlobalMaxPooling2D,
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
} from './layers/q-global-pooling.ts';
export {
  QAveragePooling1D,
  QAveragePooling2D,
  QMaxPooling1D,
  QMaxPooling2D,
  qAveragePooling1D,
  qAveragePooling2D,
  qMaxPooling1D,
  qMaxPooling2D,
} from './layers/q-pooling.ts';
export { QMeanPow2, QSum, qMeanPow2, qSum } from './layers/q-sum.ts';

// Normalisation and activations

export { QAffinedUnaryFunctionLUT, qAffinedUnaryFunctionLUT } from './layers/q-affined-unary-function-lut.ts';
export { QBatchNormalization, qBatchNormalization } from './layers/q-batch-normalization.ts';
export { qLeakyRelu, qRelu } from './layers/q-relu.ts';
export { QSoftmax, qSoftmax } from './layers/q-softmax.ts';
export { QUnaryFunctionLUT, qUnaryFunctionLUT } from './layers/q-unary-function-lut.ts';
export { registerUnaryFunction } from './layers/unary-functions.ts';

// The quantizer as a layer, and the layers' common base

export { QLayer } from './layers/q-layer.ts';
export { quantizer } from './layers/quantizer-layer.ts';

// Plain layers that tfjs-layers lacks

export { clip, elementFunction, exponentialLinear, rectifier } from './layers/function-layers.ts';
export { reduceAxes } from './layers/reduce-axes.ts';
export { registerLayers } from './layers/register-layers.ts';
export { scaleShift } from './layers/scale-shift.ts';
export { take } from './layers/take.ts';
export { zeroPad } from './layers/zero-pad.ts';

// Quantizers

export type { Quantizer } from './quantizer/quantizer.ts';

// From a model to a fixed graph

export { lower } from './lower/lower.ts';
export { LowerError } from './lower/lowered.ts';
export type { Precision } from './lower/precision.ts';

// Reading a model out

export { type LayerOutput, layerOutputs } from './model/layer-outputs.ts';
export { type ModelState, modelState, restoreState } from './model/model-state.ts';
export { traceMinMax } from './model/trace-min-max.ts';
export { collectInputReduces, collectQLayers, totalEbops } from './model/walk.ts';

// Saving and loading

export { FileError } from '@sp/quant/files';
export { setBackend } from './backend/set-backend.ts';
export { fileHandler } from './io/file-handler.ts';
export { loadModel, loadOptimizer, saveModel } from './io/save-model.ts';

// Errors

export { LayerError } from './layer-error.ts';
