import type * as tf from '@tensorflow/tfjs';
import { reshape, tidy } from '../ops/tf.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { SingleOutputLayer } from './output-layers.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';

/** Features of a pair as one dense vector; see `sparseFlatten`. */
export class SparseFlatten extends SingleOutputLayer {
  static readonly className = 'SparseFlatten';
  static readonly options: OptionNames = names<LayerArgs>('name', base);

  constructor(args: LayerArgs = {}) {
    super(args);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = ownTensors(inputs, this.name);
    return tidy(() => reshape(x, [x.shape[0], -1]));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, ...rest] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    return [batch, rest.reduce<number>((size, extent) => size * (extent ?? Number.NaN), 1)];
  }
}

/**
 * Flattens the features of `[x, mask]`, or x alone, to `[batch, H·W·C]` (sparsepixels §1.5). The stock
 * `tf.layers.flatten()` on x does the same.
 */
export function sparseFlatten(args: LayerArgs = {}): SparseFlatten {
  return new SparseFlatten(args);
}
