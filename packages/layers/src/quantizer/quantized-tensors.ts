import type { FormatTable } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';

/** One tensor that a layer quantises, with the formats it has now. */
export interface QuantizedTensor {
  readonly role: 'activations' | 'weights' | 'bias' | 'output';
  /** Without batch dimension. */
  readonly shape: readonly number[];
  /** Broadcast to `shape`. */
  readonly formats: FormatTable;
  /** Share of values that are 0, of weights and biases. */
  readonly zeros?: number;
}

/** A layer of another vocabulary than ours that says what it quantises; `quantizationTable` of `@sp/train` asks it. */
export interface HasQuantizedTensors {
  /** Tensors whose formats are known now: those that follow data, once they were traced. */
  quantizedTensors(): readonly QuantizedTensor[];
}

/** Whether a layer says what it quantises. */
export function hasQuantizedTensors(layer: tf.layers.Layer): layer is tf.layers.Layer & HasQuantizedTensors {
  return 'quantizedTensors' in layer && typeof layer.quantizedTensors === 'function';
}

/** Share of values that are 0. */
export function shareOfZeros(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let j = 0; j < values.length; j++) if (values[j] === 0) zeros++;
  return zeros / values.length;
}
