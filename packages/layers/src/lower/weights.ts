import type { Weights } from '@sp/quant';
import { fractionBits } from '@sp/quant/numeric';
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
