import * as tf from '@tensorflow/tfjs';
import type { Applied, CallOptions, Symbolic, SymbolicPair, TensorPair } from './applied.ts';
import { knownOptions } from './known-options.ts';
import type { LayerArgs } from './layer-args.ts';

/** A layer that takes no option it does not know and gives one tensor. */
export abstract class SingleOutputLayer extends tf.layers.Layer {
  constructor(args: LayerArgs) {
    super(knownOptions(args, new.target));
  }

  /**
   * As in tfjs-layers, with the type of what comes back: one tensor, symbolic for symbolic inputs.
   */
  override apply(inputs: Symbolic, kwargs?: CallOptions): tf.SymbolicTensor;
  override apply(inputs: tf.Tensor | tf.Tensor[], kwargs?: CallOptions): tf.Tensor;
  override apply(inputs: Applied, kwargs?: CallOptions): Applied;
  override apply(inputs: Applied, kwargs?: CallOptions): Applied {
    return super.apply(inputs, kwargs);
  }
}

/** The same for one that gives features and mask. */
export abstract class PairOutputLayer extends tf.layers.Layer {
  constructor(args: LayerArgs) {
    super(knownOptions(args, new.target));
  }

  /**
   * As in tfjs-layers, with the type of what comes back: features and mask, symbolic for symbolic
   * inputs.
   */
  override apply(inputs: Symbolic, kwargs?: CallOptions): SymbolicPair;
  override apply(inputs: tf.Tensor | tf.Tensor[], kwargs?: CallOptions): TensorPair;
  override apply(inputs: Applied, kwargs?: CallOptions): Applied;
  override apply(inputs: Applied, kwargs?: CallOptions): Applied {
    return super.apply(inputs, kwargs);
  }
}
