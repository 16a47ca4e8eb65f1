import type * as tf from '@tensorflow/tfjs';
import { averagePool, maxPool } from '../ops/pool.ts';
import { reshape, tidy } from '../ops/tf.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { SingleOutputLayer } from './output-layers.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';
import { featureShape } from './sparse-pair.ts';

/** What the two sparse global poolings share: `[x, mask]` → one number per channel. */
export abstract class GlobalPooling2DSparse extends SingleOutputLayer {
  constructor(args: LayerArgs = {}) {
    super(args);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [features] = ownTensors(inputs, this.name);
    const [batch, height, width, channels] = features.shape;
    // A reshaped tensor keeps its exact value, if it has one beside that in float32.
    return tidy(() => reshape(this.pool(features, [height as number, width as number]), [batch, channels as number]));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, , , channels] = featureShape(inputShape, this.name);
    return [batch, channels];
  }

  /** Pools cells; one covers the image. */
  protected abstract pool(features: tf.Tensor, cell: readonly [number, number]): tf.Tensor;
}

/** Mean over all pixels; see `globalAveragePooling2DSparse`. */
export class GlobalAveragePooling2DSparse extends GlobalPooling2DSparse {
  static readonly className = 'GlobalAveragePooling2DSparse';
  static readonly options: OptionNames = names<LayerArgs>('name', base);

  protected override pool(features: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
    return averagePool(features, cell);
  }
}

/** Maximum over all pixels; see `globalMaxPooling2DSparse`. */
export class GlobalMaxPooling2DSparse extends GlobalPooling2DSparse {
  static readonly className = 'GlobalMaxPooling2DSparse';
  static readonly options: OptionNames = names<LayerArgs>('name', base);

  protected override pool(features: tf.Tensor, cell: readonly [number, number]): tf.Tensor {
    return maxPool(features, cell);
  }
}

/**
 * Mean over all pixels of an image, empty ones counting as 0, as Keras' `GlobalAveragePooling2D` has it of the whole image: the sum over the
 * active pixels, which is exact, divided once by H·W. `[x, mask]` of shapes `[batch, H, W, C]`, `[batch, H, W, 1]` → `[batch, C]`.
 *
 * @example
 * const features = globalAveragePooling2DSparse().apply([x, mask]);
 */
export function globalAveragePooling2DSparse(args: LayerArgs = {}): GlobalAveragePooling2DSparse {
  return new GlobalAveragePooling2DSparse(args);
}

/** Largest value of each channel, empty pixels counting as 0; otherwise as `globalAveragePooling2DSparse`. */
export function globalMaxPooling2DSparse(args: LayerArgs = {}): GlobalMaxPooling2DSparse {
  return new GlobalMaxPooling2DSparse(args);
}
