import { signedDigits } from '@sp/quant/adders';
import { ceilLog2 } from '@sp/quant/numeric';

/**
 * What one node costs, from the loops that are emitted for it.
 *
 * `latency` and `interval` follow from the loop structure and a depth per operation; `lut` and `dsp` are first-order counts. Nothing here
 * has been through a synthesis tool: see `estimate` for how far to trust it.
 */
export interface NodeCost {
  /** Clock cycles from first input to last output. */
  readonly latency: number;
  /** Clock cycles after which the next image may enter. */
  readonly interval: number;
  /** Products computed in the same clock by separate multipliers. */
  readonly multipliers: number;
  readonly lut: number;
  readonly dsp: number;
  /** Blocks of 18 kbit. Default 0. */
  readonly bram?: number;
  /** Bits that are kept in registers while the node computes, besides the values that pass. Default 0. */
  readonly registers?: number;
}

/** A node that is only wires. */
export const WIRES: NodeCost = { latency: 0, interval: 1, multipliers: 0, lut: 0, dsp: 0 };

/** `⌈log2 n⌉`, 0 for n ≤ 1: levels of a balanced tree over n items. */
export function levels(n: number): number {
  return n <= 1 ? 0 : ceilLog2(n);
}

/**
 * LUTs and DSPs of one multiplication of two variables (or with a constant chosen at run time). As published designs show (`sparsepixels §3.2`), operands of 9 and more bits go to a
 * DSP, narrower ones to about `a·b` LUTs (`hls4ml §1.3`: the tools' own limit).
 */
export function multiplier(a: number, b: number): { lut: number; dsp: number } {
  if (a < 2 || b < 2) return { lut: Math.max(a, b), dsp: 0 };
  if (Math.max(a, b) <= 9) return { lut: a * b, dsp: 0 };
  return { lut: 0, dsp: Math.ceil(a / 26) * Math.ceil(b / 17) };
}

/**
 * LUTs and DSPs of one multiplication with a fixed constant: wires for a power of two, else an adder per further signed digit, or a DSP where both are wide. With it the dense layers of
 * published networks come out at their 24 LUTs per 8-bit weight, and 0.77 DSPs per 16-bit weight.
 *
 * @param bits width of the variable
 * @param code the constant's integer code
 */
export function constantMultiplier(bits: number, code: number): { lut: number; dsp: number } {
  const digits = signedDigits(code).length;
  if (digits <= 1) return { lut: 0, dsp: 0 };
  const wide = Math.max(bits, ceilLog2(Math.abs(code) + 1)) > 9;
  return wide && digits > 2 ? { lut: 0, dsp: 1 } : { lut: (digits - 1) * (bits + 1), dsp: 0 };
}

/** Words by bits that a block of 18 kbit can be (UG573, block RAM port widths). */
const BLOCKS: readonly (readonly [depth: number, width: number])[] = [
  [512, 36],
  [1024, 18],
  [2048, 9],
  [4096, 4],
  [8192, 2],
  [16384, 1],
];

/**
 * LUTs and blocks of a memory of `depth` words with one port to read: 64 bits a LUT up to 64 words or 1,024 bits, which the tools do not put into a block, and blocks of 18
 * kbit above.
 */
export function memory(depth: number, width: number): { lut: number; bram: number } {
  if (depth <= 64 || depth * width <= 1024) return { lut: width * Math.ceil(depth / 64), bram: 0 };
  return { lut: 0, bram: blocks(depth, width) };
}

/** Words by bits of an UltraRAM block (UG573). */
const ULTRA = { depth: 4096, width: 72 } as const;

/** Bits up to which Vitis makes a FIFO of shift registers (UG1399, `config_storage`: `-auto_srl_max_bits`), and those of a LUT that is one (UG574). */
const SHIFT_REGISTERS = { most: 1024, perLut: 32 } as const;

/**
 * What a FIFO is made of: shift registers while it is small, blocks of 18 kbit above, UltraRAM where it fills some and the device has it. A few LUTs count its words.
 */
export function fifo(depth: number, width: number, ultra: boolean): { lut: number; bram: number; uram: number } {
  const control = 2 * ceilLog2(Math.max(2, depth)) + 4;
  if (depth <= 2 || depth * width <= SHIFT_REGISTERS.most) {
    return { lut: control + width * Math.ceil(depth / SHIFT_REGISTERS.perLut), bram: 0, uram: 0 };
  }
  const uram = Math.ceil(depth / ULTRA.depth) * Math.ceil(width / ULTRA.width);
  if (ultra && depth * width >= ULTRA.depth * ULTRA.width) return { lut: control, bram: 0, uram };
  return { lut: control, bram: blocks(depth, width), uram: 0 };
}

function blocks(depth: number, width: number): number {
  return Math.min(...BLOCKS.map(([d, w]) => Math.ceil(depth / d) * Math.ceil(width / w)));
}

/** LUTs of the buffer between two stages of a dataflow region, per element that passes (`sparsepixels §3.2`, FIFOs). */
export const BUFFER_LUT = 45;

/** Flip-flops follow area: pipeline registers of about a third of the LUTs, and those around a DSP (`sparsepixels §3`, all sparse designs). */
export function registersOf({ lut, dsp }: Pick<NodeCost, 'lut' | 'dsp'>): number {
  return Math.round(0.3 * lut + 12 * dsp);
}

/**
 * LUTs and DSPs on one scale, to choose between designs: a DSP weighs as many LUTs as the default device (Alveo U250: 1,728,000 LUTs, 12,288 DSPs,
 * `sparsepixels §3`) has per DSP.
 */
export function areaOf({ lut, dsp }: Pick<NodeCost, 'lut' | 'dsp'>): number {
  return lut + dsp * (1728000 / 12288);
}
