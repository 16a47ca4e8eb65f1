import { clip, floorLog2, roundHalfEven } from '@sp/quant/numeric';
import { elementwise, mixed, type Quantised, type QuantizeContext, type QuantizerData } from './quantize-context.ts';
import type { QuantizedPo2, QuantizedReluPo2 } from './quantizer-spec.ts';
import { signOf } from './scalar-functions.ts';

/** Smallest magnitude that has a logarithm. */
const epsilon = 1e-7;

/** Exponents a power-of-two quantizer can write (hgq1 §5.2). */
export function po2Exponents(q: QuantizedPo2 | QuantizedReluPo2): { readonly low: number; readonly high: number } {
  const signBit = q.name === 'quantized_po2' ? 1 : 0;
  const bits = q.bits - signBit - (q.maxValue === null || q.maxValue > 1 ? 1 : 0);
  const most = 2 ** bits;
  return { low: -most, high: q.quadraticApproximation ? 2 * Math.floor((most - 1) / 2) : most - 1 };
}

/** `quantized_po2`: ±2^E, never 0; gradient 1. */
export function quantizePo2(q: QuantizedPo2, data: QuantizerData, context: QuantizeContext): Quantised {
  const power = powerOf(q, context);
  return elementwise(data, (x) => mixed(signOf(x) * power(Math.abs(x)), x, 1, q.qnoiseFactor, q.useSte));
}

/** `quantized_relu_po2`: 2^E of the relu (the smallest power for x ≤ 0), or −2^E of the leak. */
export function quantizeReluPo2(q: QuantizedReluPo2, data: QuantizerData, context: QuantizeContext): Quantised {
  const power = powerOf(q, context);
  const { negativeSlope: slope, maxValue } = q;
  return elementwise(data, (x) => {
    const xq = x >= 0 || slope === 0 ? power(Math.max(0, x)) : -power(-x * slope);
    if (maxValue !== null && x > maxValue) return mixed(xq, maxValue, 0, q.qnoiseFactor, q.useSte);
    return mixed(xq, x > 0 ? x : x * slope, x > 0 ? 1 : slope, q.qnoiseFactor, q.useSte);
  });
}

function powerOf(q: QuantizedPo2 | QuantizedReluPo2, context: QuantizeContext): (magnitude: number) => number {
  const { low, high } = po2Exponents(q);
  const round = q.log2Rounding === 'floor' ? Math.floor : roundHalfEven;
  return (magnitude) => {
    if (magnitude < epsilon) return 2 ** low;
    const a = Math.min(magnitude, q.maxValue ?? Number.POSITIVE_INFINITY);
    if (q.useStochasticRounding && context.training) {
      const below = floorLog2(a);
      const up = context.random() < a / 2 ** below - 1 ? 1 : 0;
      return 2 ** clip(below + up, low, high);
    }
    // Upstream clips before it doubles.
    if (q.quadraticApproximation) return 2 ** (2 * clip(round(Math.log2(Math.sqrt(a))), low, high));
    return 2 ** clip(round(Math.log2(a)), low, high);
  };
}
