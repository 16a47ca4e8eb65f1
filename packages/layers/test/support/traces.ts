import type * as tf from '@tensorflow/tfjs';
import { traceMinMax } from '../../src/index.ts';

/**
 * Traces a model; false if values do not fit into what its quantizers' constraints allow. In random models they may not:
 * weights without bits are −2^32 when rounded down.
 */
export function traces(model: tf.LayersModel, x: tf.Tensor): boolean {
  try {
    traceMinMax(model, x);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes('its constraint ic allows')) return false;
    throw error;
  }
}
