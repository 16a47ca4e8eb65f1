import type * as tf from '@tensorflow/tfjs';

/** Arguments of every tfjs layer: `name`, `trainable`, `dtype`, `batchInputShape`, … */
export type LayerArgs = NonNullable<ConstructorParameters<typeof tf.layers.Layer>[0]>;
