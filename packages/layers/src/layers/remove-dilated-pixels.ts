import type * as tf from '@tensorflow/tfjs';
import { mul, tidy } from '../ops/tf.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { SingleOutputLayer } from './output-layers.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';
import { featureShape } from './sparse-pair.ts';

/** Masks features again; see `removeDilatedPixels`. */
export class RemoveDilatedPixels extends SingleOutputLayer {
  static readonly className = 'RemoveDilatedPixels';
  static readonly options: OptionNames = names<LayerArgs>('name', base);

  constructor(args: LayerArgs = {}) {
    super(args);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [features, mask] = ownTensors(inputs, this.name);
    return tidy(() => mul(features, mask));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return featureShape(inputShape, this.name);
  }
}

/** `x · mask` for `[x, mask]`: drops features that an ordinary layer spread to pixels outside the active set. */
export function removeDilatedPixels(args: LayerArgs = {}): RemoveDilatedPixels {
  return new RemoveDilatedPixels(args);
}
