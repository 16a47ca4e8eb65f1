/**
 * A module as gates, carry chains and registers: what its cells are made of, bit by bit. Numbers of more than two bits are added and compared by carry chains, everything
 * else is gates, for yosys to map to LUTs.
 */
import type { Cell, RtlModule } from '../hdl/cell.ts';
import { liveCells } from '../verilog/live-cells.ts';
import { type Bit, Gates, HIGH, LOW } from './gates.ts';

/** Per bit what enters a carry chain: `carry = take ? carry : other`. */
export interface Chain {
  readonly take: readonly Bit[];
  readonly other: readonly Bit[];
  /** The sums `take ^ carry`, or undefined where nobody wants them. */
  readonly sums: readonly (Bit | undefined)[];
  /** The last carry, if somebody wants it. */
  readonly carry?: Bit;
}

/** One bit of a register. */
export interface Flop {
  readonly q: Bit;
  readonly d: Bit;
  /** What it is loaded and cleared by, constants where always or never. */
  readonly enable: Bit;
  readonly clear: Bit;
}

/** A module in bits. */
export interface GateBlock {
  readonly gates: Gates;
  readonly chains: readonly Chain[];
  readonly flops: readonly Flop[];
  /** What the outside and the modules in it want to know. */
  readonly wanted: readonly Bit[];
  /** LUT levels after which free bits are there, by cell. */
  readonly arrivals: ReadonlyMap<Bit, number>;
  /** Bits that multipliers take and give. */
  readonly products: readonly { readonly ins: readonly Bit[]; readonly outs: readonly Bit[] }[];
}

/** Up to as many bits are added and compared in LUTs. */
const SHORT = 2;
/** Bits of two numbers, and of one beside a constant, whose comparison is one LUT. */
const [BOTH, ONE] = [3, 6];

/**
 * The bits of a module.
 *
 * @param levels LUT levels of a stage, after which products are there
 * @param dsp whether products are multipliers of the device
 */
export function gateBlock(module: RtlModule, levels: number, dsp: boolean): GateBlock {
  return new Lowering(module, levels, dsp).block();
}

class Lowering {
  readonly #g = new Gates();
  readonly #chains: Chain[] = [];
  readonly #products: { ins: readonly Bit[]; outs: readonly Bit[] }[] = [];
  readonly #arrivals = new Map<Bit, number>();
  readonly #bits: Bit[][] = [];
  readonly #flops: Flop[] = [];
  /** The reset of the module, once something has it. */
  #reset: Bit | undefined;
  /** Registers by what they take, and those that take what comes later. */
  readonly #registers = new Map<string, Bit>();
  readonly #later: { readonly cell: Cell; readonly q: readonly Bit[] }[] = [];
  readonly #module: RtlModule;
  readonly #levels: number;
  readonly #dsp: boolean;

  constructor(module: RtlModule, levels: number, dsp: boolean) {
    this.#module = module;
    this.#levels = levels;
    this.#dsp = dsp;
  }

  block(): GateBlock {
    const { cells, outputs } = this.#module;
    const live = liveCells(this.#module);
    cells.forEach((cell, id) => {
      this.#bits.push(live[id] ? this.#lower(cell) : []);
    });
    const wanted = outputs.flatMap(({ cell }) => this.#bits[cell]);
    cells.forEach((cell, id) => {
      if (live[id] && cell.op === 'instance') wanted.push(...cell.ins.flatMap((at) => this.#bits[at]));
    });
    for (const { cell, q } of this.#later) {
      this.#loads(cell).forEach((load, j) => {
        this.#flops.push({ q: q[j], ...load });
      });
    }
    return {
      gates: this.#g,
      chains: this.#chains,
      flops: this.#flops,
      wanted,
      arrivals: this.#arrivals,
      products: this.#products,
    };
  }

  /** A register of what is there already: its bits that take the same are one, and those that take a constant are that. */
  #register(cell: Cell): Bit[] {
    if (cell.ins.some((at) => this.#bits[at] === undefined)) {
      const q = this.#free(cell.width, 0);
      this.#later.push({ cell, q });
      return q;
    }
    return this.#loads(cell).map((load) => {
      if (load.d <= HIGH && (load.clear === LOW || load.d === LOW)) return load.d;
      const key = `${load.d} ${load.enable} ${load.clear}`;
      const known = this.#registers.get(key);
      if (known !== undefined) return known;
      const [q] = this.#free(1, 0);
      this.#registers.set(key, q);
      this.#flops.push({ q, ...load });
      return q;
    });
  }

  /** What the bits of a register take. If a multiplexer sets it to a constant it is cleared instead, without a LUT. */
  #loads(cell: Cell): Omit<Flop, 'q'>[] {
    const { ins, width } = cell;
    const { cells } = this.#module;
    if (cell.op === 'reg' && cell.reset) {
      this.#reset ??= this.#free(1, 0)[0];
      const clear = this.#reset;
      return this.#wide(ins[0], width).map((d) => ({ d, enable: HIGH, clear }));
    }
    const data = cells[ins[0]];
    const enable = ins.length > 1 ? this.#bits[ins[1]][0] : HIGH;
    const cleared = data.op === 'mux' && enable === HIGH && cells[data.ins[2]].op === 'const';
    const clear = cleared ? this.#g.not(this.#bits[data.ins[0]][0]) : LOW;
    return this.#wide(cleared ? data.ins[1] : ins[0], width).map((d) => ({ d, enable, clear }));
  }

  /** Exactly `width` bits of a cell's number. */
  #wide(id: number, width: number): Bit[] {
    const bits = this.#bits[id];
    const fill = this.#module.cells[id].signed ? bits[bits.length - 1] : LOW;
    return Array.from({ length: width }, (_, j) => bits[j] ?? fill);
  }

  /** Bits from elsewhere, there after `level` levels; unknown for those of a chain. */
  #free(width: number, level?: number): Bit[] {
    return each(width, () => {
      const bit = this.#g.free();
      if (level !== undefined) this.#arrivals.set(bit, level);
      return bit;
    });
  }

  #lower(cell: Cell): Bit[] {
    const g = this.#g;
    const { cells } = this.#module;
    const { width, ins } = cell;
    // A register may read what comes later, and an instance has ports of all widths.
    const wide = cell.op === 'reg' || cell.op === 'instance' ? [] : ins.map((id) => this.#wide(id, width));
    switch (cell.op) {
      case 'port':
      case 'result':
        return this.#free(width, cell.level);
      case 'reg':
        return this.#register(cell);
      case 'instance':
        return [];
      case 'const':
        return Array.from({ length: width }, (_, j) => Number((cell.value >> BigInt(j)) & 1n));
      case 'bits':
        return this.#wide(ins[0], cell.from + width).slice(cell.from);
      case 'shl':
        return shifted(wide[0], cell.by);
      case 'cat':
        return [...ins].reverse().flatMap((id) => this.#bits[id]);
      case 'and':
        return each(width, (j) => g.all(wide.map((x) => x[j])));
      case 'or':
        return each(width, (j) => g.any(wide.map((x) => x[j])));
      case 'xor':
        return each(width, (j) => g.parity(wide.map((x) => x[j])));
      case 'not':
        return wide[0].map((bit) => g.not(bit));
      case 'any':
        return [g.all([g.any(this.#bits[ins[0]]), ...ins.slice(1).map((id) => this.#bits[id][0])])];
      case 'select':
        return each(width, (j) =>
          g.select(Array.from({ length: ins.length / 2 }, (_, p) => [this.#bits[ins[2 * p]][0], wide[2 * p + 1][j]])),
        );
      case 'mux':
        return each(width, (j) => g.mux(this.#bits[ins[0]][0], wide[1][j], wide[2][j]));
      case 'table': {
        const index = this.#bits[ins[0]];
        const last = cell.values.length - 1;
        return each(width, (bit) =>
          g.table(
            index,
            each(2 ** index.length, (at) => ((cell.values[Math.min(at, last)] >> BigInt(bit)) & 1n) === 1n),
          ),
        );
      }
      case 'add':
      case 'sub':
        return this.#sum(shifted(wide[0], cell.shifts[0]), shifted(wide[1], cell.shifts[1]), cell.op === 'sub');
      case 'mul':
        return this.#product(cell);
      case 'eq':
      case 'lt': {
        const [p, q] = ins.map((id) => cells[id]);
        const signed = p.signed || q.signed;
        const both = Math.max(...[p, q].map((x) => x.width + (signed && !x.signed ? 1 : 0)));
        const [a, b] = ins.map((id) => this.#wide(id, both));
        if (cell.op === 'eq') return [g.all(a.map((bit, j) => g.not(g.xor(bit, b[j]))))];
        // With signs the top bits count the other way round.
        return [
          this.#less(signed ? [...a.slice(0, -1), b[both - 1]] : a, signed ? [...b.slice(0, -1), a[both - 1]] : b),
        ];
      }
      default:
        throw new TypeError(`no gates for ${(cell satisfies never as Cell).op}`);
    }
  }

  #sum(a: readonly Bit[], b: readonly Bit[], subtract: boolean): Bit[] {
    const g = this.#g;
    // Below the first bit of what is added the other number passes.
    const low = a.findIndex((_, j) => b[j] !== LOW && (subtract || a[j] !== LOW));
    if (low < 0) return a.map((bit, j) => (subtract ? bit : bit === LOW ? b[j] : bit));
    const passed = each(low, (j) => (b[j] === LOW ? a[j] : b[j]));
    const p = a.slice(low);
    const q = b.slice(low).map((bit) => (subtract ? g.not(bit) : bit));
    const take = p.map((bit, j) => g.xor(bit, q[j]));
    let carry = subtract ? HIGH : LOW;
    if (p.length <= SHORT) {
      const sums = take.map((x, j) => {
        const sum = g.xor(x, carry);
        carry = g.mux(x, carry, p[j]);
        return sum;
      });
      return [...passed, ...sums];
    }
    const sums = this.#free(p.length);
    this.#chains.push({ take, other: p, sums });
    return [...passed, ...sums];
  }

  /** `a < b` of unsigned numbers: the carry of a chain over the bits that one LUT compares. */
  #less(a: readonly Bit[], b: readonly Bit[]): Bit {
    const g = this.#g;
    const size = a.every((bit) => bit <= HIGH) || b.every((bit) => bit <= HIGH) ? ONE : BOTH;
    const steps = each(Math.ceil(a.length / size), (s) => {
      const [p, q] = [a.slice(s * size, (s + 1) * size), b.slice(s * size, (s + 1) * size)];
      let less: Bit = LOW;
      for (const [j, bit] of p.entries()) less = g.mux(g.xor(bit, q[j]), q[j], less);
      return { equal: g.all(p.map((bit, j) => g.not(g.xor(bit, q[j])))), less };
    });
    if (steps.length <= SHORT) return steps.reduce((below, { equal, less }) => g.mux(equal, below, less), LOW);
    const [carry] = this.#free(1);
    this.#chains.push({
      take: steps.map(({ equal }) => equal),
      other: steps.map(({ less }) => less),
      sums: steps.map(() => undefined),
      carry,
    });
    return carry;
  }

  #product({ ins, width }: Cell): Bit[] {
    if (this.#dsp) {
      const outs = this.#free(width, this.#levels);
      this.#products.push({ ins: ins.flatMap((id) => this.#bits[id]), outs });
      return outs;
    }
    // Row by row; the row of a sign counts negative.
    const { signed } = this.#module.cells[ins[1]];
    const a = this.#wide(ins[0], width);
    const factor = this.#bits[ins[1]];
    return factor.reduce<Bit[]>(
      (sum, bit, j) =>
        this.#sum(
          sum,
          shifted(
            a.map((x) => this.#g.and(x, bit)),
            j,
          ),
          signed && j === factor.length - 1,
        ),
      new Array<Bit>(width).fill(LOW),
    );
  }
}

function each<T>(count: number, of: (j: number) => T): T[] {
  return Array.from({ length: count }, (_, j) => of(j));
}

/** Moved up by some bits, as many bits as before. */
function shifted(x: readonly Bit[], by: number): Bit[] {
  return x.map((_, j) => (j < by ? LOW : x[j - by]));
}
