import { clip, roundHalfEven } from '@sp/quant/numeric';
import {
  elementwise,
  mixed,
  type Quantised,
  type QuantizeContext,
  type QuantizerData,
  roundRandomly,
} from './quantize-context.ts';
import type { QuantizedRelu } from './quantizer-spec.ts';
import { sigmoid } from './scalar-functions.ts';

/** `quantized_relu` (hgq1 §5.2), with leak, sigmoid and upper bound. */
export function quantizeRelu(q: QuantizedRelu, data: QuantizerData, context: QuantizeContext): Quantised {
  const slope = q.negativeSlope;
  const levels = 2 ** (q.bits - (slope === 0 ? 0 : 1));
  const unit = 2 ** q.integer;
  const top = unit - unit / levels;
  // Upstream's random rounding of this quantizer works on halves of a step.
  const round =
    q.useStochasticRounding && context.training
      ? (x: number) => roundRandomly(2 * x, context.random) / 2
      : roundHalfEven;
  const code = (x: number): number => {
    if (q.useSigmoid) {
      const [p] = sigmoid(context.internalSigmoid, x / unit);
      const positive = unit * clip((2 * round(p * levels)) / levels - 1, 0, 1 - 1 / levels);
      if (slope === 0) return positive;
      return positive + unit * slope * clip((2 * round(p * levels * slope)) / (slope * levels) - 1, -1, 0);
    }
    const p = (x * levels) / unit;
    const positive = unit * clip(round(p) / levels, 0, 1 - 1 / levels);
    if (slope === 0) return positive;
    return positive + unit * slope * clip(round(p * slope) / (slope * levels), -1, 0);
  };
  const bound = q.isQuantizedClip ? null : q.reluUpperBound;
  return elementwise(data, (x) => {
    const xq = bound == null ? code(x) : Math.min(code(x), bound);
    const [through, gradient] = rectified(x, slope, q.isQuantizedClip ? top : bound);
    return mixed(xq, through, gradient, q.qnoiseFactor, q.useSte);
  });
}

/** Leaky relu up to `limit`, constant above. */
function rectified(x: number, slope: number, limit: number | null): readonly [number, number] {
  if (limit != null && x > limit) return [limit, 0];
  return x > 0 ? [x, 1] : [x * slope, slope];
}
