import { collectQLayers } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import type { ModelWarning } from './model-warning.ts';

/**
 * Layers with WRAP quantizers that have not been traced since the last training step: values outside the range they happen to have wrap
 * around. Ask before evaluating or lowering a model.
 */
export function untracedWarnings(model: tf.LayersModel): readonly ModelWarning[] {
  return collectQLayers(model).flatMap((layer) => {
    const following = [...layer.quantizers].filter(([, quantizer]) => quantizer.followsRange);
    const untraced = following.filter(([, quantizer]) => !quantizer.traced).map(([role]) => role);
    if (untraced.length === 0) return [];
    const message =
      `Layer '${layer.name}': ${untraced.join(', ')} not traced since training; values outside the range wrap around. ` +
      'Run traceMinMax(model, data) before evaluating or lowering.';
    const share = untraced.length / following.length;
    return [{ kind: 'untraced', layer: layer.name, share, message } satisfies ModelWarning];
  });
}
