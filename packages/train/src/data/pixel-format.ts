import type { Format } from '@sp/quant';
import { minimalIntegerBitsOfRange } from '@sp/quant/numeric';
import type { Dataset } from './dataset.ts';

/** Bits that pixels get when no smaller format holds all of them exactly. */
const pixelBits = 8;

/**
 * The pixels' format: the smallest that holds all training images exactly if it has at most 8 bits, else 8 bits with the range of the images.
 */
export function pixelFormat({ images }: Dataset): Format {
  let largest = 0;
  let smallest = 0;
  for (const value of images) {
    if (value > largest) largest = value;
    if (value < smallest) smallest = value;
  }
  const k = smallest < 0 ? 1 : 0;
  for (let f = 0; f <= pixelBits; f++) {
    if (!images.every((value) => Number.isInteger(value * 2 ** f))) continue;
    const i = minimalIntegerBitsOfRange(smallest, largest, f);
    if (k + i + f <= pixelBits && i + f >= 0) return { k, i, f };
    break;
  }
  // The range needs i integer bits whatever the fraction; what is left of the 8 bits is fraction.
  const i = minimalIntegerBitsOfRange(smallest, largest, pixelBits);
  return { k, i, f: pixelBits - k - i };
}
