import { formatTable } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import { container } from '../hgq1/scalar-kif.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** Format of what a quantizer gives, whatever its data; null where it depends on them or is no fixed-point number. */
export function quantizerFormat(q: QKerasQuantizer): FormatTable | null {
  const one = (k: 0 | 1, i: number, f: number): FormatTable => formatTable([1], { k, i, f });
  switch (q.name) {
    case 'quantized_bits':
    case 'quantized_linear': {
      const k = q.keepNegative ? 1 : 0;
      if ((q.alpha !== null && q.alpha !== 1) || q.bits === k) return null;
      return one(k, q.integer, q.bits - k - q.integer);
    }
    case 'quantized_relu':
      return q.negativeSlope === 0 && q.isQuantizedClip ? one(0, q.integer, q.bits - q.integer) : null;
    case 'quantized_tanh':
      return one(1, 0, q.bits - 1);
    case 'quantized_sigmoid':
      return one(0, 0, q.bits);
    case 'binary':
      return q.alpha === null || q.alpha === 1 ? (q.use01 ? one(0, 1, 0) : one(1, 1, 0)) : null;
    case 'ternary':
      return q.alpha === null || q.alpha === 1 ? one(1, 1, 0) : null;
    default:
      return null;
  }
}

/** Format of quantised weights: their quantizer's, or the smallest that holds them all. */
export function weightFormat(q: QKerasQuantizer | null, values: ArrayLike<number>): FormatTable {
  return (q == null ? null : quantizerFormat(q)) ?? formatTable([1], container(Array.from(values)));
}
