import { ceilLog2, floorLog2, fractionBits, roundHalfEven } from '@sp/quant/numeric';

/** Formats, one per cell of a quantizer. */
export interface KifArrays {
  readonly k: Int32Array;
  readonly i: Int32Array;
  readonly f: Int32Array;
}

/** `⌊log₂|x|⌋ + 1`, exact; −∞ for 0. */
export function integerBits(x: number): number {
  return floorLog2(Math.abs(x)) + 1;
}

/** Formats that hold the recorded ranges (hgq1 §1.5b); width 0 is 0, 0, 0. */
export function exactKif(
  fbw: ArrayLike<number>,
  min: ArrayLike<number>,
  max: ArrayLike<number>,
  positiveOnly: boolean,
): KifArrays {
  const size = fbw.length;
  const [k, i, f] = [0, 0, 0].map(() => new Int32Array(size));
  for (let j = 0; j < size; j++) {
    const fraction = roundHalfEven(fbw[j]);
    const sign = !positiveOnly && min[j] < 0 ? 1 : 0;
    const whole = positiveOnly
      ? integerBits(Math.max(max[j], 0))
      : Math.max(ceilLog2(Math.abs(min[j])), ceilLog2(Math.abs(max[j] + 2 ** -fraction)));
    const bits = Math.min(32, Math.max(whole, -fraction - sign));
    if (sign + bits + fraction <= 0) continue;
    [k[j], i[j], f[j]] = [sign, bits, fraction];
  }
  return { k, i, f };
}

/**
 * Width without sign of the smallest format of each weight: integer bits plus the position of the lowest set bit. As
 * HGQ v1 counts: a weight whose size is the largest of all and a power of two costs two bits, not one.
 */
export function minimalWidths(weights: ArrayLike<number>): Float32Array {
  let largest = 0;
  for (let j = 0; j < weights.length; j++) largest = Math.max(largest, Math.abs(weights[j]));
  const least = 1 - ceilLog2(largest);
  return Float32Array.from(weights, (x) => (x === 0 ? 0 : integerBits(x) + Math.max(least, fractionBits(x))));
}
