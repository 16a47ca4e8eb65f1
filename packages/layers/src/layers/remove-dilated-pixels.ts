import * as tf from '@tensorflow/tfjs';
import { mul, tidy } from '../ops/tf.ts';
import type { Applied, CallOptions, Symbolic } from './applied.ts';
import { knownOptions } from './known-options.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { ownTensors } from './own-tensors.ts';
import type { Shape } from './q-layer.ts';
import { featureShape } from './sparse-pair.ts';

/** Masks features again; see `removeDilatedPixels`. */
export class RemoveDilatedPixels extends tf.layers.Layer {
  static readonly className = 'RemoveDilatedPixels';
  static readonly options: OptionNames = names<LayerArgs>('name', base);

  constructor(args: LayerArgs = {}) {
    super(knownOptions(args, new.target));
  }

  /** As in tfjs-layers, with the type of what comes back: one tensor, symbolic for symbolic inputs. */
  override apply(inputs: Symbolic, kwargs?: CallOptions): tf.SymbolicTensor;
  override apply(inputs: tf.Tensor | tf.Tensor[], kwargs?: CallOptions): tf.Tensor;
  override apply(inputs: Applied, kwargs?: CallOptions): Applied;
  override apply(inputs: Applied, kwargs?: CallOptions): Applied {
    return super.apply(inputs, kwargs);
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
