import type * as tf from '@tensorflow/tfjs';
import type { Lowered, LowerScope } from './lowered.ts';

/** A layer of another vocabulary that brings its own lowering. */
export interface SelfLowering {
  /** Adds the layer's nodes to the graph; one result per output. */
  lowerInto(scope: LowerScope, inputs: readonly Lowered[]): readonly Lowered[];
}

/** Whether a layer lowers itself. */
export function isSelfLowering(layer: tf.layers.Layer): layer is tf.layers.Layer & SelfLowering {
  return 'lowerInto' in layer && typeof layer.lowerInto === 'function';
}
