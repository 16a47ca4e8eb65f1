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
}

/** A node that is only wires. */
export const WIRES: NodeCost = { latency: 0, interval: 1, multipliers: 0, lut: 0, dsp: 0 };

/** `⌈log2 n⌉`, 0 for n ≤ 1: levels of a balanced tree over n items. */
export function levels(n: number): number {
  return n <= 1 ? 0 : Math.ceil(Math.log2(n));
}

/**
 * LUTs and DSPs of one multiplication by a constant or a selected constant. As published designs show (`sparsepixels §3.2`), operands of 9 and more bits go to a
 * DSP, narrower ones to about `a·b` LUTs (`hls4ml §1.3`: the tools' own limit).
 */
export function multiplier(a: number, b: number): { lut: number; dsp: number } {
  if (a < 2 || b < 2) return { lut: Math.max(a, b), dsp: 0 };
  if (Math.max(a, b) <= 9) return { lut: a * b, dsp: 0 };
  return { lut: 0, dsp: Math.ceil(a / 26) * Math.ceil(b / 17) };
}

/**
 * LUTs and DSPs on one scale, to choose between designs: a DSP weighs as many LUTs as the default device (Alveo U250: 1,728,000 LUTs, 12,288 DSPs,
 * `sparsepixels §3`) has per DSP.
 */
export function areaOf({ lut, dsp }: Pick<NodeCost, 'lut' | 'dsp'>): number {
  return lut + dsp * (1728000 / 12288);
}
