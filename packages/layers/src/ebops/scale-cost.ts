import { biasCost } from './cost.ts';
import type { CostFunction } from './operand.ts';

/**
 * Cost of `x · scale + offset` per channel, on the widths of x `[…, channels, inner]`, scale and offset `[channels]`:
 * `Σ x · scale + mean(offset) · positions · channels` (hgq2 §4.2, QBatchNormalization).
 */
export function scaleOffsetCost(positions: number, channels: number, inner = 1): CostFunction {
  return ([x, scale, offset]) => {
    const dx = new Float64Array(x.length);
    const dScale = new Float64Array(channels);
    let value = 0;
    for (let j = 0; j < x.length; j++) {
      const c = Math.floor(j / inner) % channels;
      value += x[j] * scale[c];
      dx[j] = scale[c];
      dScale[c] += x[j];
    }
    const bias = biasCost(offset, positions * channels);
    return { value: value + bias.value, gradients: [dx, dScale, bias.gradient] };
  };
}
