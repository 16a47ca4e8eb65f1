import type * as tf from '@tensorflow/tfjs';
import { activePixels, rememberSupport } from './active-pixels.ts';
import { hostOp } from './host-op.ts';
import { hostValues, hostView } from './host-view.ts';

/** `x · mask` for `[batch, H, W, C]` and `[batch, H, W, 1]`; the result is known to be 0 outside the active pixels. */
export function applyMask(x: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const channels = x.shape[3] as number;
  const { active } = activePixels(mask);
  const y = hostOp([x, mask], () => {
    const values = hostValues(x);
    const maskView = hostView(mask);
    const weights = Float32Array.from(active, (pixel) => maskView[pixel]);
    const masked = new Float32Array(values.length);
    for (let s = 0; s < active.length; s++) {
      const at = active[s] * channels;
      for (let c = 0; c < channels; c++) masked[at + c] = values[at + c] * weights[s];
    }
    return {
      values: masked,
      shape: x.shape,
      gradient: (dy) => {
        const dx = new Float32Array(values.length);
        for (let s = 0; s < active.length; s++) {
          const at = active[s] * channels;
          for (let c = 0; c < channels; c++) dx[at + c] = dy[at + c] * weights[s];
        }
        const dMask = new Float32Array(values.length / channels);
        for (let j = 0, pixel = 0, c = 0; j < values.length; j++) {
          if (values[j] !== 0) dMask[pixel] += dy[j] * values[j];
          if (++c === channels) {
            c = 0;
            pixel++;
          }
        }
        return [dx, dMask];
      },
    };
  });
  rememberSupport(y, active);
  return y;
}
