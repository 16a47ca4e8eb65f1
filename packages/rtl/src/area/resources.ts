import type { RtlModule } from '../hdl/cell.ts';
import { liveCells } from '../verilog/live-cells.ts';
import type { Netlist } from './netlist.ts';

/** What hardware takes of a device. */
export interface Resources {
  /** Look-up tables for logic, inverters among them. */
  readonly lut: number;
  /** Look-up tables used as shift registers. */
  readonly srl: number;
  readonly ff: number;
  /** Carry chains of eight bits, as UltraScale+ has them. */
  readonly carry: number;
  readonly dsp: number;
  /** Blocks of 36 kbit. Always 0: tables are as small as LUTs, and nothing is kept longer than a few clocks. */
  readonly bram: number;
}

/** Nothing. */
export const NOTHING: Resources = { lut: 0, srl: 0, ff: 0, carry: 0, dsp: 0, bram: 0 };

/** `a + b · times`. */
export function plus(a: Resources, b: Resources, times = 1): Resources {
  return {
    lut: a.lut + b.lut * times,
    srl: a.srl + b.srl * times,
    ff: a.ff + b.ff * times,
    carry: a.carry + b.carry * times,
    dsp: a.dsp + b.dsp * times,
    bram: a.bram + b.bram * times,
  };
}

/** What a mapped block takes, without the modules in it. */
export function resourcesOf({ cells }: Netlist, module: RtlModule): Resources {
  const count = (...types: readonly string[]): number => cells.filter(({ type }) => types.includes(type)).length;
  return {
    lut: cells.filter(({ type }) => /^LUT\d$|^INV$/.test(type)).length,
    srl: count('SRL16E', 'SRLC32E'),
    ff: count('FDRE', 'FDSE'),
    carry: Math.ceil(count('CARRY4') / 2),
    dsp: count('SP_DSP') === 0 ? 0 : dspsOf(module),
    bram: 0,
  };
}

/** DSP blocks for the products of a module: one multiplies 27 by 18 bits with sign. */
export function dspsOf(module: RtlModule): number {
  const live = liveCells(module);
  const pieces = (width: number, of: number): number => Math.ceil(Math.max(1, width - 1) / (of - 1));
  return module.cells.reduce((sum, cell, id) => {
    if (cell.op !== 'mul' || !live[id]) return sum;
    const [a, b] = cell.ins.map((at) => module.cells[at].width + (module.cells[at].signed ? 0 : 1));
    return sum + Math.min(pieces(a, 27) * pieces(b, 18), pieces(a, 18) * pieces(b, 27));
  }, 0);
}
