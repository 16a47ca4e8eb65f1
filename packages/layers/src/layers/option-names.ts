import { hOptionNames } from '../hgq1/h-option-names.ts';
import { qkerasOptionNames } from '../qkeras/qkeras-option-names.ts';
import type { QMultiHeadAttentionArgs } from './attention-args.ts';
import type { FusedDenseArgs } from './fused-dense.ts';
import type { InputReduceArgs } from './input-reduce.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, type Names, names, type OptionNames, without } from './option-list.ts';
import { plainOptionNames } from './plain-option-names.ts';
import type { Pooling2DSparseArgs } from './pooling2d-sparse.ts';
import type { QBatchNormDenseArgs } from './q-batch-norm-dense.ts';
import type { QBatchNormalizationArgs } from './q-batch-normalization.ts';
import type { QConvArgs } from './q-conv.ts';
import type { QConv2DBatchNormArgs } from './q-conv2d-batch-norm.ts';
import type { QConv2DSparseArgs } from './q-conv2d-sparse.ts';
import type { QDenseArgs } from './q-dense.ts';
import type { QDotArgs, QEinsumArgs } from './q-einsum.ts';
import type { QEinsumDenseArgs } from './q-einsum-dense.ts';
import type { QGlobalPoolingArgs } from './q-global-pooling.ts';
import type { QGRUArgs } from './q-gru.ts';
import type { QLayerArgs } from './q-layer.ts';
import type { QLinformerAttentionArgs } from './q-linformer-attention.ts';
import type { QMergeArgs } from './q-merge.ts';
import type { QPoolingArgs } from './q-pooling.ts';
import type { QRecurrentArgs } from './q-recurrent.ts';
import type { QLeakyReluArgs, QReluArgs } from './q-relu.ts';
import type { QSimpleRNNArgs } from './q-simple-rnn.ts';
import type { QSoftmaxArgs } from './q-softmax.ts';
import type { QMeanPow2Args, QSumArgs } from './q-sum.ts';
import type { QUnaryFunctionLUTArgs } from './q-unary-function-lut.ts';
import type { QuantizerLayerArgs } from './quantizer-layer.ts';
import type { WeightArgs } from './weight-settings.ts';

const quantised: Names<Omit<QReluArgs, 'maxValue' | 'negativeSlope'>> = {
  ...base,
  enableIq: 0,
  enableOq: 0,
  iqConf: 0,
  oqConf: 0,
};
const counted: Names<QLayerArgs> = { ...quantised, enableEbops: 0, beta0: 0, ebopsFactor: 0 };
const weighted: Names<WeightArgs> = {
  kernelInitializer: 0,
  kernelRegularizer: 0,
  kernelConstraint: 0,
  biasInitializer: 0,
  biasRegularizer: 0,
  biasConstraint: 0,
};
const weightQuantizers = { kqConf: 0, bqConf: 0 } as const;
const merge: Names<QMergeArgs> = { ...without(counted, 'iqConf'), iqConfs: 0 };
const conv: Names<QConvArgs> = {
  ...counted,
  ...weighted,
  ...weightQuantizers,
  filters: 0,
  kernelSize: 0,
  strides: 0,
  padding: 0,
  dilationRate: 0,
  groups: 0,
  dataFormat: 0,
  activation: 0,
  useBias: 0,
  parallelizationFactor: 0,
  biasEbops: 0,
};
const dense: Names<QDenseArgs> = {
  ...counted,
  ...weighted,
  ...weightQuantizers,
  units: 0,
  activation: 0,
  useBias: 0,
  parallelizationFactor: 0,
};
const recurrent: Names<QRecurrentArgs> = {
  ...dense,
  recurrentInitializer: 0,
  recurrentRegularizer: 0,
  recurrentConstraint: 0,
  returnSequences: 0,
  returnState: 0,
  goBackwards: 0,
  rkqConf: 0,
  sqConf: 0,
};
const attention: Names<QMultiHeadAttentionArgs> = {
  ...without(counted, 'iqConf'),
  ...weighted,
  numHeads: 0,
  keyDim: 0,
  valueDim: 0,
  useBias: 0,
  outputShape: 0,
  attentionAxes: 0,
  useCausalMask: 0,
  fuse: 0,
  qkvoIqConf: 0,
  qkvoKqConf: 0,
  qkvoBqConf: 0,
  qkvoOqConf: 0,
  softmaxExpIqConf: 0,
  softmaxExpOqConf: 0,
  softmaxInvIqConf: 0,
  softmaxInvOqConf: 0,
  softmaxOqConf: 0,
  stableSoftmax: 0,
  softmaxAllowHeterogeneousTable: 0,
  parallelizationFactor: 0,
};
const statistics = {
  momentum: 0,
  epsilon: 0,
  center: 0,
  scale: 0,
  gammaInitializer: 0,
  movingMeanInitializer: 0,
  movingVarianceInitializer: 0,
} as const;
const fusedDense: Names<FusedDenseArgs> = { ...without(dense, 'useBias'), ...statistics };
const pooling: Names<QPoolingArgs> = {
  ...counted,
  poolSize: 0,
  strides: 0,
  padding: 0,
  dataFormat: 0,
  parallelizationFactor: 0,
};
const globalPooling: Names<QGlobalPoolingArgs> = { ...counted, keepdims: 0, dataFormat: 0 };
const sparsePooling: Names<Pooling2DSparseArgs> = { ...base, poolSize: 0, strides: 0, padding: 0 };
const mean: Names<QMeanPow2Args> = { ...counted, axes: 0, keepDims: 0 };
const relu: Names<QReluArgs> = { ...quantised, maxValue: 0, negativeSlope: 0 };

const byTable: Names<QUnaryFunctionLUTArgs> = {
  ...counted,
  activation: 0,
  allowHeterogeneousInput: 0,
  allowHeterogeneousTable: 0,
  overrideOqK0To0: 0,
};

/** Options of every layer, by the name that it is saved under. The first one is what Keras takes as first argument. */
const byLayer: Readonly<Record<string, OptionNames>> = {
  ...hOptionNames,
  ...plainOptionNames,
  ...qkerasOptionNames,
  AveragePooling2DSparse: names<Pooling2DSparseArgs>('poolSize', sparsePooling),
  InputReduce: names<InputReduceArgs>('n', {
    ...base,
    n: 0,
    threshold: 0,
    betaN: 0,
    betaMaskedE: 0,
    learnN: 0,
    learnThreshold: 0,
    tauThreshold: 0,
    tauN: 0,
  }),
  MaxPooling2DSparse: names<Pooling2DSparseArgs>('poolSize', sparsePooling),
  QAdd: names<QMergeArgs>('iqConfs', merge),
  QAffinedUnaryFunctionLUT: names<QUnaryFunctionLUTArgs>('activation', byTable),
  QAveragePooling1D: names<QPoolingArgs>('poolSize', pooling),
  QAveragePooling2D: names<QPoolingArgs>('poolSize', pooling),
  QAveragePow2: names<QMergeArgs>('iqConfs', merge),
  QBatchNormDense: names<QBatchNormDenseArgs>('units', { ...without(fusedDense, 'center'), unscaledMean: 0 }),
  QBatchNormalization: names<QBatchNormalizationArgs>('axis', {
    ...counted,
    ...weightQuantizers,
    ...statistics,
    betaInitializer: 0,
    axis: 0,
    fixedOffset: 0,
  }),
  QConv1D: names<QConvArgs>('filters', conv),
  QConv2D: names<QConvArgs>('filters', conv),
  QConv2DBatchNorm: names<QConv2DBatchNormArgs>('filters', { ...without(conv, 'useBias'), ...statistics }),
  QConv2DSparse: names<QConv2DSparseArgs>('filters', {
    ...without(conv, 'dataFormat', 'biasEbops'),
  }),
  QDense: names<QDenseArgs>('units', dense),
  QDenseBatchNorm: names<FusedDenseArgs>('units', fusedDense),
  QDot: names<QDotArgs>('axes', { ...merge, axes: 0 }),
  QEinsum: names<QEinsumArgs>('equation', { ...merge, equation: 0 }),
  QEinsumDense: names<QEinsumDenseArgs>('equation', {
    ...counted,
    ...weighted,
    ...weightQuantizers,
    equation: 0,
    outputShape: 0,
    activation: 0,
    biasAxes: 0,
    parallelizationFactor: 0,
  }),
  QGRU: names<QGRUArgs>('units', {
    ...recurrent,
    recurrentActivation: 0,
    resetAfter: 0,
    paqConf: 0,
    praqConf: 0,
    rhqConf: 0,
  }),
  QGlobalAveragePooling1D: names<QGlobalPoolingArgs>('keepdims', globalPooling),
  QGlobalAveragePooling2D: names<QGlobalPoolingArgs>('keepdims', globalPooling),
  QGlobalMaxPooling1D: names<QGlobalPoolingArgs>('keepdims', globalPooling),
  QGlobalMaxPooling2D: names<QGlobalPoolingArgs>('keepdims', globalPooling),
  QLeakyRelu: names<QLeakyReluArgs>('alpha', { ...without(relu, 'negativeSlope'), alpha: 0 }),
  QLinformerAttention: names<QLinformerAttentionArgs>('numHeads', {
    ...without(attention, 'fuse', 'useCausalMask'),
    linKvProjDim: 0,
    shareKvProj: 0,
    linEnableIq: 0,
    linEnableOq: 0,
  }),
  QMaxPooling1D: names<QPoolingArgs>('poolSize', pooling),
  QMaxPooling2D: names<QPoolingArgs>('poolSize', pooling),
  QMaximum: names<QMergeArgs>('iqConfs', merge),
  QMeanPow2: names<QMeanPow2Args>('axes', mean),
  QMinimum: names<QMergeArgs>('iqConfs', merge),
  QMultiHeadAttention: names<QMultiHeadAttentionArgs>('numHeads', attention),
  QMultiply: names<QMergeArgs>('iqConfs', merge),
  QRelu: names<QReluArgs>('maxValue', relu),
  QSimpleRNN: names<QSimpleRNNArgs>('units', { ...recurrent, enableSq: 0, paqConf: 0 }),
  QSoftmax: names<QSoftmaxArgs>('axis', {
    ...counted,
    axis: 0,
    stable: 0,
    expIqConf: 0,
    expOqConf: 0,
    invIqConf: 0,
    invOqConf: 0,
    allowHeterogeneousTable: 0,
    inputScaler: 0,
    parallelizationFactor: 0,
  }),
  QSubtract: names<QMergeArgs>('iqConfs', merge),
  QSum: names<QSumArgs>('axes', { ...mean, scale: 0 }),
  QUnaryFunctionLUT: names<QUnaryFunctionLUTArgs>('activation', byTable),
  Quantizer: names<QuantizerLayerArgs>('config', { ...base, config: 0 }),
  RemoveDilatedPixels: names<LayerArgs>('name', base),
  SparseFlatten: names<LayerArgs>('name', base),
};

/** Names of all layers with a list. */
export const listedLayers: readonly string[] = Object.keys(byLayer);

/** The options of a layer by the name that it is saved under; undefined for layers of others. */
export function optionNamesOf(layer: string): OptionNames | undefined {
  return byLayer[layer];
}
