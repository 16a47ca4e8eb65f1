import { floorLog2, fractionBits } from '@sp/quant/numeric';

/** Bits of a constant factor beyond which products with activations no longer fit float32. */
const mostBits = 12;

/** Whether `value` is a whole number of at most 12 bits times a power of two: exact in hardware and in float32. */
export function isDyadic(value: number): boolean {
  return value === 0 || (Number.isFinite(value) && Math.abs(value) * 2 ** fractionBits(value) < 2 ** mostBits);
}

/** The nearest dyadic number with few bits, for a message. */
export function nearestDyadic(value: number): number {
  const scale = 2 ** (7 - floorLog2(Math.abs(value)));
  return Math.round(value * scale) / scale;
}
