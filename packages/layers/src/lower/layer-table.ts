import type * as tf from '@tensorflow/tfjs';
import { FusedDense } from '../layers/fused-dense.ts';
import { GlobalAveragePooling2DSparse, GlobalMaxPooling2DSparse } from '../layers/global-pooling2d-sparse.ts';
import { InputReduce } from '../layers/input-reduce.ts';
import { QElementwise } from '../layers/merge-layers.ts';
import { AveragePooling2DSparse, MaxPooling2DSparse } from '../layers/pooling2d-sparse.ts';
import { QBatchNormalization } from '../layers/q-batch-normalization.ts';
import { QConv } from '../layers/q-conv.ts';
import { QConv2DSparse } from '../layers/q-conv2d-sparse.ts';
import { QDense } from '../layers/q-dense.ts';
import { QDot, QEinsum } from '../layers/q-einsum.ts';
import { QEinsumDense } from '../layers/q-einsum-dense.ts';
import { QGlobalPooling } from '../layers/q-global-pooling.ts';
import { QMultiHeadAttention } from '../layers/q-multi-head-attention.ts';
import { QPooling } from '../layers/q-pooling.ts';
import { QRecurrent } from '../layers/q-recurrent.ts';
import { QRelu } from '../layers/q-relu.ts';
import { QSoftmax } from '../layers/q-softmax.ts';
import { QMeanPow2, QSum } from '../layers/q-sum.ts';
import { QUnaryFunctionLUT } from '../layers/q-unary-function-lut.ts';
import { QuantizerLayer } from '../layers/quantizer-layer.ts';
import { RemoveDilatedPixels } from '../layers/remove-dilated-pixels.ts';
import { SparseFlatten } from '../layers/sparse-flatten.ts';
import { lowerQMultiHeadAttention } from './lower-attention.ts';
import { lowerQBatchNormalization } from './lower-batch-norm.ts';
import { lowerFusedDense, lowerQConv } from './lower-conv.ts';
import { lowerQDense, lowerQuantizerLayer } from './lower-dense.ts';
import { lowerContraction, lowerQEinsumDense } from './lower-einsum.ts';
import { lowerQRelu, lowerQSoftmax, lowerQUnaryFunctionLUT } from './lower-function.ts';
import { lowerElementwise, lowerQSum } from './lower-merge.ts';
import { lowerQGlobalPooling, lowerQPooling } from './lower-pool.ts';
import { lowerQRecurrent } from './lower-recurrent.ts';
import {
  lowerFlatten,
  lowerGlobalPooling2DSparse,
  lowerInputReduce,
  lowerPooling2DSparse,
  lowerQConv2DSparse,
  lowerRemoveDilatedPixels,
  maskAsValue,
} from './lower-sparse.ts';
import { lowerStockLayer } from './lower-stock-layer.ts';
import type { Lowered, LowerScope } from './lowered.ts';
import { isSelfLowering } from './self-lowering.ts';

/** Which layers become which nodes: one row per class. */

/** Adds the nodes of a layer to the graph. `inputs`: what goes into it. */
type Lowering<Layer> = (scope: LowerScope, layer: Layer, inputs: readonly Lowered[]) => readonly Lowered[];

/** A class of layers, perhaps one that only others are made of. */
type LayerClass<Layer> = abstract new (...args: never[]) => Layer;

const table = new Map<unknown, Lowering<tf.layers.Layer>>();

/** Layers that know masks. */
function sparse<Layer extends tf.layers.Layer>(layerClass: LayerClass<Layer>, lowering: Lowering<Layer>): void {
  table.set(layerClass, lowering as Lowering<tf.layers.Layer>);
}

/** Layers that take a mask for data. */
function dense<Layer extends tf.layers.Layer>(layerClass: LayerClass<Layer>, lowering: Lowering<Layer>): void {
  sparse(layerClass, (scope, layer, inputs) => lowering(scope, layer, asValues(scope, layer, inputs)));
}

sparse(InputReduce, lowerInputReduce);
sparse(QConv2DSparse, lowerQConv2DSparse);
sparse(AveragePooling2DSparse, (scope, layer, inputs) => lowerPooling2DSparse(scope, layer, 'avg', inputs));
sparse(MaxPooling2DSparse, (scope, layer, inputs) => lowerPooling2DSparse(scope, layer, 'max', inputs));
sparse(GlobalAveragePooling2DSparse, (scope, { name }, inputs) =>
  lowerGlobalPooling2DSparse(scope, name, 'avg', inputs),
);
sparse(GlobalMaxPooling2DSparse, (scope, { name }, inputs) => lowerGlobalPooling2DSparse(scope, name, 'max', inputs));
sparse(RemoveDilatedPixels, (scope, { name }, inputs) => lowerRemoveDilatedPixels(scope, name, inputs));
sparse(SparseFlatten, (scope, { name }, inputs) => lowerFlatten(scope, name, inputs));

dense(QDense, lowerQDense);
dense(QConv, lowerQConv);
dense(FusedDense, lowerFusedDense);
dense(QBatchNormalization, lowerQBatchNormalization);
dense(QPooling, lowerQPooling);
dense(QGlobalPooling, lowerQGlobalPooling);
dense(QElementwise, lowerElementwise);
dense(QEinsum, lowerContraction);
dense(QDot, lowerContraction);
dense(QEinsumDense, lowerQEinsumDense);
dense(QSum, lowerQSum);
dense(QMeanPow2, lowerQSum);
dense(QUnaryFunctionLUT, lowerQUnaryFunctionLUT);
dense(QSoftmax, lowerQSoftmax);
dense(QMultiHeadAttention, lowerQMultiHeadAttention);
dense(QRecurrent, lowerQRecurrent);
dense(QRelu, lowerQRelu);
dense(QuantizerLayer, lowerQuantizerLayer);

/**
 * Adds the nodes of a layer: as the row of its class says, or of the nearest one it is made of; as the layer itself says; or as a layer of tfjs.
 *
 * @throws LowerError for kinds of layers without any of them
 */
export function lowerLayer(scope: LowerScope, layer: tf.layers.Layer, given: readonly Lowered[]): readonly Lowered[] {
  for (let known: unknown = layer.constructor; typeof known === 'function'; known = Object.getPrototypeOf(known)) {
    const lowering = table.get(known);
    if (lowering !== undefined) return lowering(scope, layer, given);
  }
  const inputs = asValues(scope, layer, given);
  return isSelfLowering(layer) ? layer.lowerInto(scope, inputs) : lowerStockLayer(scope, layer, inputs);
}

function asValues(scope: LowerScope, layer: tf.layers.Layer, given: readonly Lowered[]): readonly Lowered[] {
  return given.map((input) => maskAsValue(scope, input, layer.name));
}
