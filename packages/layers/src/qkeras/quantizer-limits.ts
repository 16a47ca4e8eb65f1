import { linearRange } from './quantize-bits.ts';
import type { QuantizerScale } from './quantize-context.ts';
import { po2Exponents } from './quantize-po2.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** One number, one per scale, or null where QKeras defines none. */
export type Limit = number | readonly number[] | null;

/**
 * `max()` and `min()` of a quantizer, which QKeras uses for weight constraints; not always the exact range:
 * `quantized_bits(4,1).max()` is 2, its largest value 1.75.
 *
 * @param scale of the last call, for `quantized_linear` with an automatic scale
 */
export function quantizerLimits(
  q: QKerasQuantizer,
  scale: QuantizerScale | null = null,
): { readonly max: Limit; readonly min: Limit } {
  switch (q.name) {
    case 'quantized_bits': {
      const max = q.bits > Number(q.keepNegative) ? Math.max(1, 2 ** q.integer) : 1;
      return { max, min: q.keepNegative ? -max : 0 };
    }
    case 'quantized_hswish':
      return { max: q.bits > 1 ? Math.max(1, 2 ** q.integer) : 1, min: null };
    case 'quantized_linear': {
      const { low, high, step } = linearRange(q);
      const times = (code: number): Limit => {
        const values = Array.from(scale?.values ?? [typeof q.alpha === 'number' ? q.alpha : 1], (s) => code * step * s);
        return values.length === 1 ? values[0] : values;
      };
      return { max: times(high), min: times(low) };
    }
    case 'quantized_relu': {
      const unsigned = q.bits - (q.negativeSlope === 0 ? 0 : 1);
      const max = unsigned > 0 ? Math.max(1, 2 ** q.integer) : 1;
      return { max, min: q.negativeSlope === 0 ? 0 : -max * q.negativeSlope };
    }
    case 'quantized_ulaw': {
      const max = q.bits > 1 ? Math.max(1, 2 ** q.integer) : 1;
      return { max, min: -max };
    }
    case 'quantized_tanh': {
      const step = 2 ** (1 - q.bits);
      return { max: 1 - step, min: -1 + Number(q.symmetric) * step };
    }
    case 'quantized_sigmoid': {
      const step = 2 ** -q.bits;
      return { max: 1 - step, min: Number(q.symmetric) * step };
    }
    case 'quantized_po2': {
      const max = Math.max(1, q.maxValue ?? 2 ** po2Exponents(q).high);
      return { max, min: -max };
    }
    case 'quantized_relu_po2': {
      const { low, high } = po2Exponents(q);
      return {
        max: Math.max(1, q.maxValue ?? 2 ** high),
        min: q.negativeSlope === 0 ? 2 ** low : q.negativeSlope * low,
      };
    }
    case 'binary':
      return { max: scaleLimit(q.alpha), min: q.use01 ? 0 : -scaleLimit(q.alpha) };
    case 'ternary':
    case 'stochastic_binary':
    case 'stochastic_ternary':
      return { max: scaleLimit(q.alpha), min: -scaleLimit(q.alpha) };
    case 'bernoulli':
      return { max: scaleLimit(q.alpha), min: 0 };
    default:
      return { max: null, min: null };
  }
}

function scaleLimit(alpha: number | string | null): number {
  return typeof alpha === 'number' ? Math.max(1, alpha) : 1;
}
