import type * as tf from '@tensorflow/tfjs';
import { activated, lowerSoftmax } from './lower-activation.ts';
import { lowerPlain } from './lower-plain.ts';
import { lowerFlatten } from './lower-sparse.ts';
import { lowerStockGlobalMaxPooling, lowerStockMaxPooling, lowerStockReshape } from './lower-stock.ts';
import { lowerStockFloat, ourName } from './lower-stock-float.ts';
import { stockArithmetic } from './lower-stock-merge.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';

/** Layers of tfjs itself that mean something in a fixed graph. */
export function lowerStockLayer(
  scope: LowerScope,
  layer: tf.layers.Layer,
  inputs: readonly Lowered[],
): readonly Lowered[] {
  const { name } = layer;
  const plain = lowerPlain(scope, layer, inputs) ?? lowerStockFloat(scope, layer, inputs);
  if (plain != null) return plain;
  const arithmetic = stockArithmetic[layer.getClassName()];
  if (arithmetic != null) return arithmetic(scope, layer, inputs);
  switch (layer.getClassName()) {
    case 'Flatten':
      return lowerFlatten(scope, name, inputs);
    case 'Activation': {
      const { activation } = layer.getConfig() as { readonly activation: string };
      return [activated(scope, layer, inputs[0], ourName(activation, name))];
    }
    case 'Softmax': {
      const source = requireValue(inputs[0], name);
      return [{ ...source, node: lowerSoftmax(scope, source.node, name) }];
    }
    case 'MaxPooling1D':
      return lowerStockMaxPooling(scope, layer, 1, inputs);
    case 'MaxPooling2D':
      return lowerStockMaxPooling(scope, layer, 2, inputs);
    case 'GlobalMaxPooling1D':
      return lowerStockGlobalMaxPooling(scope, layer, 1, inputs);
    case 'GlobalMaxPooling2D':
      return lowerStockGlobalMaxPooling(scope, layer, 2, inputs);
    case 'Reshape':
      return lowerStockReshape(scope, layer, inputs);
    // Active in training only.
    case 'Dropout':
    case 'SpatialDropout1D':
    case 'GaussianNoise':
    case 'GaussianDropout':
    case 'AlphaDropout':
      return [inputs[0]];
    default:
      throw new LowerError(
        name,
        `layer kind '${layer.getClassName()}' cannot be lowered.`,
        'Replace it by a quantised layer.',
      );
  }
}
