/**
 * The area of a design without a synthesiser: a sum over its cells. How many LUTs a word of each kind takes follows from its shape (an adder a LUT per bit, and-or
 * three pairs per LUT, …); what neighbouring cells save by sharing LUTs is one factor per kind (`FACTORS`), from the blocks of four
 * designs that yosys mapped: the digits network and the published MNIST network of 20 slots, with intervals 1 and 5.
 */
import type { Cell, RtlModule } from '../hdl/cell.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { liveCells } from '../verilog/live-cells.ts';
import { instanceCounts } from './instance-counts.ts';
import { dspsOf, NOTHING, plus, type Resources } from './resources.ts';

/** Kinds of cell that take LUTs. */
export type CostKind = 'sum' | 'compare' | 'equal' | 'logic' | 'select' | 'mux' | 'table' | 'product';

/** LUTs by yosys for one by shape. */
export const FACTORS: Readonly<Record<CostKind, number>> = {
  sum: 0.94,
  compare: 0.75,
  equal: 1.05,
  logic: 1.03,
  select: 1.03,
  mux: 0.5,
  table: 1.06,
  product: 1,
};

/** Area of one module of a design, without the modules in it. */
export interface BlockEstimate {
  readonly module: string;
  readonly instances: number;
  readonly area: Resources;
}

/**
 * The estimated area of a design, with products of two variables in DSP blocks or LUTs. Takes milliseconds. The designs it was fitted to come
 * out within 2 % in total and their larger blocks within 30 %; the golden tests hold whole networks to 10 %.
 *
 * @param dsp default true
 */
export function estimateRtl(
  { design }: RtlPlan,
  { dsp = true }: { readonly dsp?: boolean } = {},
): { readonly blocks: readonly BlockEstimate[]; readonly total: Resources } {
  const counts = instanceCounts(design);
  const blocks = design.modules.map((module): BlockEstimate => {
    const luts = lutsByKind(module, dsp);
    const lut = (Object.keys(FACTORS) as CostKind[]).reduce((sum, kind) => sum + FACTORS[kind] * luts[kind], 0);
    const { ff, srl } = registers(module);
    const area = { ...NOTHING, lut, srl, ff, carry: Math.ceil(luts.sum / 8), dsp: dsp ? dspsOf(module) : 0 };
    return { module: module.name, instances: counts.get(module.name) ?? 0, area };
  });
  return { blocks, total: blocks.reduce((sum, { area, instances }) => plus(sum, area, instances), NOTHING) };
}

/** LUTs by shape of the cells of a module, by kind. */
export function lutsByKind(module: RtlModule, dsp: boolean): Record<CostKind, number> {
  const luts: Record<CostKind, number> = {
    sum: 0,
    compare: 0,
    equal: 0,
    logic: 0,
    select: 0,
    mux: 0,
    table: 0,
    product: 0,
  };
  const live = liveCells(module);
  // What a register or the outside reads is a LUT of its own; what logic reads is often part of that.
  const ends = new Set(module.outputs.map(({ cell }) => cell));
  module.cells.forEach((cell, id) => {
    if (live[id] && (cell.op === 'reg' || cell.op === 'instance')) for (const at of cell.ins) ends.add(at);
  });
  module.cells.forEach((cell, id) => {
    if (!live[id]) return;
    const cost = costOf(cell, module.cells, dsp, ends.has(id));
    if (cost !== undefined) luts[cost[0]] += cost[1];
  });
  return luts;
}

function costOf(
  cell: Cell,
  cells: readonly Cell[],
  dsp: boolean,
  ends: boolean,
): readonly [CostKind, number] | undefined {
  const tree = (count: number): number => treeLuts(count, ends);
  const ins = cell.ins.map((at) => cells[at]);
  const variable = ins.filter(({ op }) => op !== 'const');
  switch (cell.op) {
    case 'add':
    case 'sub': {
      // Bits below the shifted operand pass, but for those of which something is taken away.
      const low = cell.op === 'add' ? Math.max(...cell.shifts) : cell.shifts[1];
      // Above the wider one the sum is a carry, or the same LUT again.
      const top = Math.max(...ins.map((x, j) => x.width + cell.shifts[j]));
      const carried = ins.every(({ op }) => op === 'cat') && ins[0].ins.at(-1) === ins[1].ins.at(-1) ? 1 : 0;
      const bits = Math.max(1, Math.min(cell.width, top) - low - carried);
      return ['sum', variable.length < 2 ? bits / 2 : bits];
    }
    case 'lt': {
      const width = Math.max(...variable.map((x) => x.width));
      return ['compare', variable.length === 2 ? width : tree(width)];
    }
    case 'eq': {
      const width = Math.max(...variable.map((x) => x.width));
      return ['equal', variable.length === 2 ? tree(2 * width) : tree(width)];
    }
    case 'and':
    case 'or':
    case 'xor':
      return ['logic', cell.width * tree(variable.length)];
    case 'any':
      return ['logic', tree(ins.reduce((sum, { width }) => sum + width, 0))];
    case 'select': {
      const pairs = ins.length / 2;
      let inputs = 0;
      for (let j = 0; j < pairs; j++) {
        const [bit, value] = [ins[2 * j], ins[2 * j + 1]];
        const bits = value.op === 'const' ? 0 : Math.min(value.width, cell.width);
        inputs += bit.op === 'const' ? bits : 2 * bits;
        // A constant is a few copies of its bit.
        if (value.op === 'const')
          inputs += BigInt.asUintN(cell.width, value.value).toString(2).replaceAll('0', '').length;
      }
      return ['select', inputs / 5];
    }
    case 'mux':
      return ['mux', ins[1].op === 'const' || ins[2].op === 'const' ? cell.width / 2 : cell.width / 1.5];
    case 'table':
      return ['table', tableLuts(cell.values, ins[0].width, cell.width)];
    case 'mul':
      return dsp ? undefined : ['product', ins[0].width * ins[1].width];
    default:
      return undefined;
  }
}

/** LUTs of a tree that joins so many bits; a part of one for few, which others will take in, unless it ends there. */
function treeLuts(count: number, ends: boolean): number {
  const luts = Math.max(0, count - 1) / 5;
  return ends ? Math.ceil(luts) : luts;
}

/** LUTs of a table: of every bit those parts of 64 entries that differ from each other and from constants, and what chooses among them. */
function tableLuts(values: readonly bigint[], index: number, width: number): number {
  let luts = 0;
  const known = new Set<string>();
  for (let bit = 0; bit < width; bit++) {
    const parts = new Set<string>();
    for (let from = 0; from < 2 ** index; from += 64) {
      let word = '';
      for (let at = from; at < Math.min(from + 64, 2 ** index); at++) {
        word += ((values[Math.min(at, values.length - 1)] >> BigInt(bit)) & 1n) === 1n ? '1' : '0';
      }
      if (/^0*$|^1*$/.test(word)) continue;
      parts.add(word);
    }
    for (const part of parts) if (!known.has(part)) luts++;
    for (const part of parts) known.add(part);
    if (index > 6) luts += Math.max(0, 2 ** (index - 6) - 1) / 1.5;
  }
  return luts;
}

/** Registers; chains of three and more that nothing looks into are shift registers. */
function registers(module: RtlModule): { ff: number; srl: number } {
  const { cells, outputs } = module;
  const live = liveCells(module);
  const readers = new Map<number, number[]>();
  cells.forEach((cell, id) => {
    if (live[id]) for (const at of cell.ins) readers.set(at, [...(readers.get(at) ?? []), id]);
  });
  const seen = new Set(outputs.map(({ cell }) => cell));
  /** The one register that takes this register's number on, in the same clocks. */
  const next = (id: number): number | undefined => {
    const [only, other] = readers.get(id) ?? [];
    if (only === undefined || other !== undefined || seen.has(id)) return undefined;
    const [a, b] = [cells[id], cells[only]];
    const alike = a.op === 'reg' && b.op === 'reg' && !a.reset && !b.reset && a.ins[1] === b.ins[1] && b.ins[0] === id;
    return alike && b.width >= a.width ? only : undefined;
  };
  const inner = new Set<number>();
  cells.forEach((cell, id) => {
    const after = live[id] && cell.op === 'reg' ? next(id) : undefined;
    if (after !== undefined) inner.add(after);
  });
  let [ff, srl] = [0, 0];
  cells.forEach((cell, id) => {
    if (!live[id] || cell.op !== 'reg' || inner.has(id)) return;
    let length = 1;
    for (let at = next(id); at !== undefined; at = next(at)) length++;
    if (length >= 3) srl += cell.width * Math.ceil(length / 32);
    else ff += cell.width * length;
  });
  return { ff, srl };
}
