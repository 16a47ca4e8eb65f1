import type * as tf from '@tensorflow/tfjs';
import { hardSigmoidConfig } from '../../src/config/hard-configs.ts';
import { qAdd, qAveragePow2, qMaximum, qMinimum, qMultiply, qSubtract } from '../../src/layers/merge-layers.ts';
import { qBatchNormDense } from '../../src/layers/q-batch-norm-dense.ts';
import { qBatchNormalization } from '../../src/layers/q-batch-normalization.ts';
import { qConv1D } from '../../src/layers/q-conv1d.ts';
import { qConv2D } from '../../src/layers/q-conv2d.ts';
import { qConv2DBatchNorm } from '../../src/layers/q-conv2d-batch-norm.ts';
import { qDense } from '../../src/layers/q-dense.ts';
import { qDenseBatchNorm } from '../../src/layers/q-dense-batch-norm.ts';
import { qDot, qEinsum } from '../../src/layers/q-einsum.ts';
import { qEinsumDense } from '../../src/layers/q-einsum-dense.ts';
import {
  qGlobalAveragePooling1D,
  qGlobalAveragePooling2D,
  qGlobalMaxPooling1D,
  qGlobalMaxPooling2D,
} from '../../src/layers/q-global-pooling.ts';
import { qGRU } from '../../src/layers/q-gru.ts';
import { qLinformerAttention } from '../../src/layers/q-linformer-attention.ts';
import { qMultiHeadAttention } from '../../src/layers/q-multi-head-attention.ts';
import { qAveragePooling1D, qAveragePooling2D, qMaxPooling1D, qMaxPooling2D } from '../../src/layers/q-pooling.ts';
import { qLeakyRelu, qRelu } from '../../src/layers/q-relu.ts';
import { qSimpleRNN } from '../../src/layers/q-simple-rnn.ts';
import { qSoftmax } from '../../src/layers/q-softmax.ts';
import { qMeanPow2, qSum } from '../../src/layers/q-sum.ts';
import { qUnaryFunctionLUT } from '../../src/layers/q-unary-function-lut.ts';
import { quantizer } from '../../src/layers/quantizer-layer.ts';
import { minMax } from '../../src/quantizer/constraint.ts';

/** A layer with options away from their defaults, and shapes it takes (without the batch axis). */
export interface ZooLayer {
  readonly inputs: readonly (readonly number[])[];
  readonly layer: () => tf.layers.Layer;
}

const iqConf = { i0: 3, f0: 4, heterogeneousAxis: [-1] };
const kqConf = { qType: 'kbi', b0: 5, i0: 1, overflowMode: 'SAT_SYM' } as const;
const pair = [
  [3, 2],
  [3, 2],
];
const args = { name: 'layer', iqConf };
const mergeArgs = { name: 'layer', iqConfs: [iqConf, { f0: 3 }], enableOq: true, ebopsFactor: 0.5 };

/** One of every layer for dense data. */
export const layerZoo: Readonly<Record<string, ZooLayer>> = {
  qConv1D: {
    inputs: [[7, 2]],
    layer: () =>
      qConv1D({
        ...args,
        kqConf,
        filters: 4,
        kernelSize: 3,
        padding: 'causal',
        dilationRate: 2,
        groups: 2,
        activation: 'relu',
      }),
  },
  qConv2D: {
    inputs: [[6, 5, 2]],
    layer: () =>
      qConv2D({
        ...args,
        kqConf,
        filters: 3,
        kernelSize: [2, 3],
        strides: [2, 1],
        padding: 'same',
        parallelizationFactor: 2,
      }),
  },
  qConv2DBatchNorm: {
    inputs: [[6, 5, 2]],
    layer: () => qConv2DBatchNorm({ ...args, kqConf, filters: 3, kernelSize: 3, momentum: 0.9, epsilon: 0.01 }),
  },
  qBatchNormalization: {
    inputs: [[3, 2]],
    layer: () => qBatchNormalization({ ...args, momentum: 0.8, center: false, enableOq: true }),
  },
  qBatchNormDense: { inputs: [[5]], layer: () => qBatchNormDense({ ...args, kqConf, units: 3, activation: 'relu' }) },
  qDenseBatchNorm: { inputs: [[2, 5]], layer: () => qDenseBatchNorm({ ...args, kqConf, units: 3, scale: false }) },
  qMaxPooling1D: { inputs: [[7, 2]], layer: () => qMaxPooling1D({ ...args, poolSize: 3, strides: 2 }) },
  qMaxPooling2D: { inputs: [[5, 4, 2]], layer: () => qMaxPooling2D({ ...args, poolSize: [2, 3], padding: 'same' }) },
  qAveragePooling1D: { inputs: [[7, 2]], layer: () => qAveragePooling1D({ ...args, poolSize: 3, padding: 'same' }) },
  qAveragePooling2D: { inputs: [[5, 4, 2]], layer: () => qAveragePooling2D({ ...args, poolSize: 3, strides: [2, 1] }) },
  qGlobalMaxPooling1D: { inputs: [[5, 2]], layer: () => qGlobalMaxPooling1D(args) },
  qGlobalMaxPooling2D: { inputs: [[3, 4, 2]], layer: () => qGlobalMaxPooling2D({ ...args, keepdims: true }) },
  qGlobalAveragePooling1D: { inputs: [[5, 2]], layer: () => qGlobalAveragePooling1D({ ...args, keepdims: true }) },
  qGlobalAveragePooling2D: { inputs: [[3, 4, 2]], layer: () => qGlobalAveragePooling2D(args) },
  qAdd: { inputs: pair, layer: () => qAdd(mergeArgs) },
  qAveragePow2: { inputs: pair, layer: () => qAveragePow2(mergeArgs) },
  qSubtract: { inputs: pair, layer: () => qSubtract(mergeArgs) },
  qMultiply: { inputs: pair, layer: () => qMultiply(mergeArgs) },
  qMaximum: { inputs: pair, layer: () => qMaximum(mergeArgs) },
  qMinimum: { inputs: pair, layer: () => qMinimum({ name: 'layer' }) },
  qDot: {
    inputs: [
      [3, 4],
      [4, 2],
    ],
    layer: () => qDot({ ...mergeArgs, axes: [2, 1] }),
  },
  qEinsum: {
    inputs: [
      [2, 3],
      [3, 4],
    ],
    layer: () => qEinsum({ ...mergeArgs, equation: 'bij,bjk->bik' }),
  },
  qEinsumDense: {
    inputs: [[3, 4]],
    layer: () =>
      qEinsumDense({
        ...args,
        kqConf,
        equation: 'abc,cd->abd',
        outputShape: [null, 2],
        biasAxes: 'd',
        activation: 'relu',
      }),
  },
  qRelu: { inputs: [[3, 2]], layer: () => qRelu({ ...args, enableIq: true, maxValue: 6, negativeSlope: 0.25 }) },
  qSum: { inputs: [[3, 4]], layer: () => qSum({ ...args, axes: [1], scale: 0.25, keepDims: true }) },
  qMeanPow2: { inputs: [[3, 4]], layer: () => qMeanPow2({ ...args, axes: [1, 2] }) },
  qUnaryFunctionLUT: {
    inputs: [[5]],
    layer: () =>
      qUnaryFunctionLUT({
        ...args,
        activation: 'hardSigmoid',
        oqConf: { b0: 6 },
        allowHeterogeneousInput: false,
        overrideOqK0To0: true,
      }),
  },
  qSoftmax: {
    inputs: [[4]],
    layer: () =>
      qSoftmax({ ...args, enableIq: true, inputScaler: 0.5, allowHeterogeneousTable: true, expIqConf: { f0: 3 } }),
  },
  'qSoftmax, unstable': { inputs: [[4]], layer: () => qSoftmax({ name: 'layer', stable: false, axis: 1 }) },
  'qSoftmax with a mask': { inputs: pair, layer: () => qSoftmax({ name: 'layer', axis: [1, 2] }) },
  'qEinsum with an ellipsis': {
    inputs: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    layer: () => qEinsum({ name: 'layer', equation: '...iJ,...Jk->...ki' }),
  },
  qSimpleRNN: {
    inputs: [[4, 3]],
    layer: () =>
      qSimpleRNN({
        ...args,
        kqConf,
        units: 2,
        enableSq: true,
        activation: 'tanh',
        goBackwards: true,
        recurrentInitializer: 'glorotNormal',
        recurrentRegularizer: 'l1l2',
      }),
  },
  qGRU: {
    inputs: [[4, 3]],
    layer: () => qGRU({ ...args, kqConf, units: 2, returnSequences: true, enableOq: true, parallelizationFactor: 2 }),
  },
  'qGRU, reset in front': {
    inputs: [[3, 2]],
    layer: () => qGRU({ ...args, units: 2, resetAfter: false, useBias: false, recurrentActivation: 'sigmoid' }),
  },
  qMultiHeadAttention: {
    inputs: [
      [3, 2],
      [4, 3],
    ],
    layer: () =>
      qMultiHeadAttention({
        name: 'layer',
        qkvoIqConf: iqConf,
        qkvoKqConf: kqConf,
        numHeads: 2,
        keyDim: 3,
        valueDim: 2,
        outputShape: [4],
        fuse: 'kv',
        enableOq: true,
        kernelRegularizer: 'l1l2',
      }),
  },
  'qMultiHeadAttention, causal': {
    inputs: [[3, 2]],
    layer: () => qMultiHeadAttention({ name: 'layer', numHeads: 1, keyDim: 2, useCausalMask: true, useBias: false }),
  },
  qLinformerAttention: {
    inputs: [[3, 2]],
    layer: () =>
      qLinformerAttention({
        name: 'layer',
        numHeads: 1,
        keyDim: 2,
        linKvProjDim: 2,
        shareKvProj: true,
        ebopsFactor: 2,
      }),
  },
  qLeakyRelu: { inputs: [[3]], layer: () => qLeakyRelu({ name: 'layer', alpha: 0.125, enableOq: true }) },
  'quantizer, minifloat': {
    inputs: [[3, 2]],
    layer: () =>
      quantizer({
        name: 'layer',
        config: {
          qType: 'float',
          m0: 3,
          e0: 3,
          e00: -1,
          e0r: 1e-3,
          ec: minMax(1, 3),
          heterogeneousAxis: [-1],
          scaler: 2,
        },
      }),
  },
  'qDense, minifloat weights': {
    inputs: [[4]],
    layer: () => qDense({ ...args, units: 3, kqConf: { qType: 'float' }, bqConf: { qType: 'float' } }),
  },
  'quantizer, hard sigmoid': {
    inputs: [[3, 2]],
    layer: () => quantizer({ name: 'layer', config: hardSigmoidConfig({ heterogeneousAxis: [] }) }),
  },
};
