import { collectQLayers } from '@sp/layers';
import { namedVariables, setVariable } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import type { FitCallback } from '../fit/callback.ts';

/**
 * Lets every epoch find the ranges of WRAP quantizers anew, so that a range once needed by an outlier or by early weights does not stay
 * (hgq1 §3.2 `ResetMinMax`). Resets at the beginning of each epoch instead of its end: training sees the same, and validation, saved
 * models and the end of training find ranges in place. Signs return to what they are before any tracing.
 */
export function resetMinMax(): FitCallback {
  return { name: 'resetMinMax', keepsImages: true, onEpochBegin: (_epoch, { model }) => resetRanges(model) };
}

function resetRanges(model: tf.LayersModel): void {
  const variables = namedVariables(model);
  for (const layer of collectQLayers(model)) {
    for (const [role, quantizer] of layer.quantizers) {
      if (!quantizer.followsRange) continue;
      quantizer.resetRange();
      // A reset drops the sign as well, and training, unlike tracing, never finds it again.
      const sign = variables.get(`${layer.name}/${role}/k`);
      const { config } = quantizer;
      if (sign !== undefined && 'k0' in config) setVariable(sign, new Float32Array(sign.size).fill(config.k0 ? 1 : 0));
    }
  }
}
