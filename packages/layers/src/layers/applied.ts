import type * as tf from '@tensorflow/tfjs';

/** What a layer can be applied to, and what the stock types of tfjs-layers say it returns. */
export type Applied = tf.Tensor | tf.Tensor[] | tf.SymbolicTensor | tf.SymbolicTensor[];

/** Inputs of the symbolic kind, as models are built from. */
export type Symbolic = tf.SymbolicTensor | tf.SymbolicTensor[];

/** Features and mask of the active pixels, symbolic. */
export type SymbolicPair = [x: tf.SymbolicTensor, mask: tf.SymbolicTensor];

/** Features and mask of the active pixels. */
export type TensorPair = [x: tf.Tensor, mask: tf.Tensor];

/** Options that `apply` hands to `call`, as in tfjs-layers. */
export type CallOptions = Readonly<Record<string, unknown>>;
