import type { Weights } from '@sp/quant';
import { LayerError } from '../layer-error.ts';

/**
 * Quantised reals as integer codes with the smallest common number of fraction bits: lossless.
 *
 * @throws if the codes exceed 53 bits, which quantised weights never do.
 */
export function weightsOf(values: Float32Array, shape: readonly number[], where: string): Weights {
  let f = -Infinity;
  for (const value of values) f = Math.max(f, fractionBits(value));
  if (f === -Infinity) f = 0;
  const scale = 2 ** f;
  const codes = Array.from(values, (value) => value * scale + 0);
  const wide = codes.find((code) => !Number.isSafeInteger(code));
  if (wide != null)
    throw new LayerError(`${where}: weights need more than 53 bits in one common format (${wide / scale}).`);
  return { shape: [...shape], codes, f };
}

/** Smallest f for which `value · 2^f` is whole; −∞ for 0. */
export function fractionBits(value: number): number {
  if (value === 0) return -Infinity;
  let f = 23 - Math.floor(Math.log2(Math.abs(value)));
  // From surely fine enough to just fine enough: halve while the code stays whole.
  let code = Math.abs(value) * 2 ** f;
  while (code % 1 !== 0) {
    code *= 2;
    f++;
  }
  while (code % 2 === 0) {
    code /= 2;
    f--;
  }
  return f;
}
