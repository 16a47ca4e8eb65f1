import type * as tf from '@tensorflow/tfjs';
import { QAdd, QAveragePow2, QMaximum, QMinimum, QMultiply, QSubtract } from './merge-layers.ts';
import { QAffinedUnaryFunctionLUT } from './q-affined-unary-function-lut.ts';
import { QDot, QEinsum } from './q-einsum.ts';
import { QEinsumDense } from './q-einsum-dense.ts';
import { QGRU } from './q-gru.ts';
import { QLinformerAttention } from './q-linformer-attention.ts';
import { QMultiHeadAttention } from './q-multi-head-attention.ts';
import { QRelu } from './q-relu.ts';
import { QSimpleRNN } from './q-simple-rnn.ts';
import { QSoftmax } from './q-softmax.ts';
import { QMeanPow2, QSum } from './q-sum.ts';
import { QUnaryFunctionLUT } from './q-unary-function-lut.ts';

/** Merges, sums, einsums, functions by table, recurrences and attention, for registration. */
export const arithmeticLayers: readonly tf.serialization.SerializableConstructor<tf.layers.Layer>[] = [
  QAdd,
  QAffinedUnaryFunctionLUT,
  QAveragePow2,
  QDot,
  QEinsum,
  QEinsumDense,
  QGRU,
  QLinformerAttention,
  QMaximum,
  QMeanPow2,
  QMinimum,
  QMultiHeadAttention,
  QMultiply,
  QRelu,
  QSimpleRNN,
  QSoftmax,
  QSubtract,
  QSum,
  QUnaryFunctionLUT,
] as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>[];
