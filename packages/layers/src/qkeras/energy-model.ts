import type { DataType } from './data-type.ts';
import type { Multiplier } from './multiplier-type.ts';

/** Where numbers are kept: in memory on the chip, beside it, or in registers, which cost nothing to read. */
export type Memory = 'sram' | 'dram' | 'fixed';

/** Says where the numbers of this file come from. */
export const energySource = 'M. Horowitz, "Computing\'s energy problem", ISSCC 2014: 45 nm, 0.9 V';

/** Picojoules of an addition: per bit, or of a float32. */
export function additionEnergy(type: DataType): number {
  return type.kind === 'float' ? 0.9 : 0.003125 * type.bits;
}

/** Picojoules of a multiplication by the gate that does it. */
export function multiplicationEnergy({ gate, type, gateFactor, gateBits }: Multiplier): number {
  if (type.kind === 'float') return gateFactor * 3.7;
  if (gate !== 'mul') return gateFactor * 0.003125 * gateBits;
  return gateFactor * (0.002994791667 * gateBits ** 2 + 0.001041666667 * gateBits);
}

/**
 * Picojoules of reading or writing so many bits. Memory on the chip has words of 64 bits, and costs more the larger it is.
 *
 * @param least bits of the memory, if what is kept there is less
 */
export function memoryEnergy(bits: number, memory: Memory, least: number): number {
  if (memory === 'fixed') return 0;
  if (memory === 'dram') return 20.3125 * bits;
  const size = Math.log2(Math.max(bits, least, 1));
  const word = 9.02427321e-4 * size ** 3 - 2.68847858e-2 * size ** 2 + 2.08900804e-1 * size;
  return Math.ceil(bits / 64) * Math.max(0, word);
}
