import type * as tf from '@tensorflow/tfjs';
import { QBatchNormDense } from './q-batch-norm-dense.ts';
import { QBatchNormalization } from './q-batch-normalization.ts';
import { QConv1D } from './q-conv1d.ts';
import { QConv2D } from './q-conv2d.ts';
import { QConv2DBatchNorm } from './q-conv2d-batch-norm.ts';
import { QDenseBatchNorm } from './q-dense-batch-norm.ts';
import {
  QGlobalAveragePooling1D,
  QGlobalAveragePooling2D,
  QGlobalMaxPooling1D,
  QGlobalMaxPooling2D,
} from './q-global-pooling.ts';
import { QAveragePooling1D, QAveragePooling2D, QMaxPooling1D, QMaxPooling2D } from './q-pooling.ts';

/** Convolutions, batch normalisations and poolings of dense data, for registration. */
export const convLayers: readonly tf.serialization.SerializableConstructor<tf.layers.Layer>[] = [
  QAveragePooling1D,
  QAveragePooling2D,
  QBatchNormDense,
  QBatchNormalization,
  QConv1D,
  QConv2D,
  QConv2DBatchNorm,
  QDenseBatchNorm,
  QGlobalAveragePooling1D,
  QGlobalAveragePooling2D,
  QGlobalMaxPooling1D,
  QGlobalMaxPooling2D,
  QMaxPooling1D,
  QMaxPooling2D,
] as unknown as tf.serialization.SerializableConstructor<tf.layers.Layer>[];
