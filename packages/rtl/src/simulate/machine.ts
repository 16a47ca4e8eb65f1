/**
 * Executes a flattened design clock by clock. Values are plain numbers while a cell and what it reads have at most 53 bits, BigInts beyond; no
 * code is generated, so that it runs under a content security policy.
 *
 * A result that does not fit its wire is cut as in Verilog: what a wrong width does to the hardware, it does here.
 */
import { RtlError } from '../errors.ts';
import { wireRange } from '../hdl/range.ts';
import type { FlatCell, FlatDesign } from './flatten.ts';

/** Widest wire that is computed in plain numbers, and widest for which bitwise operators of numbers are right. */
const NUMBER = 53;
const BITWISE = 31;

type Step = () => void;

export class Machine {
  /** Values of wires of at most 53 bits. */
  readonly #v: Float64Array;
  /** Values of wider wires. */
  readonly #big: bigint[];
  readonly #wide: boolean[];
  readonly #steps: readonly Step[];
  readonly #registers: readonly FlatCell[];
  readonly #next: Float64Array;
  readonly #nextBig: bigint[];

  constructor(design: FlatDesign) {
    this.#v = new Float64Array(design.slots);
    this.#big = new Array<bigint>(design.slots).fill(0n);
    this.#wide = design.types.map(({ width }) => width > NUMBER);
    this.#registers = design.registers;
    this.#next = new Float64Array(design.registers.length);
    this.#nextBig = new Array<bigint>(design.registers.length).fill(0n);
    for (const cell of design.logic) if (cell.cell.op === 'const') this.set(cell.slot, cell.cell.value);
    this.#steps = design.logic.filter(({ cell }) => cell.op !== 'const').map((cell) => this.#step(cell));
  }

  /** Sets all bits of the registers that no reset touches. */
  fill({ registers }: FlatDesign): void {
    for (const flat of registers) {
      if (flat.cell.op === 'reg' && !flat.cell.reset) this.set(flat.slot, cutBig(-1n, flat));
    }
  }

  get(slot: number): bigint {
    return this.#wide[slot] ? this.#big[slot] : BigInt(this.#v[slot]);
  }

  /** The value as a number; wider than 53 bits it would be rounded. */
  number(slot: number): number {
    return this.#wide[slot] ? Number(this.#big[slot]) : this.#v[slot];
  }

  set(slot: number, value: bigint): void {
    if (this.#wide[slot]) this.#big[slot] = value;
    else this.#v[slot] = Number(value);
  }

  /** Lets the logic settle on the present registers and inputs. */
  settle(): void {
    for (const step of this.#steps) step();
  }

  /** A clock edge: registers take what stands before them. */
  tick(): void {
    const v = this.#v;
    const registers = this.#registers;
    for (let r = 0; r < registers.length; r++) {
      const { ins, slot } = registers[r];
      const source = ins.length > 1 && v[ins[1]] === 0 ? slot : ins[0];
      if (this.#wide[slot]) this.#nextBig[r] = this.#wide[source] ? this.#big[source] : BigInt(v[source]);
      else this.#next[r] = this.#wide[source] ? Number(cutBig(this.#big[source], registers[r])) : v[source];
    }
    for (let r = 0; r < registers.length; r++) {
      const { slot } = registers[r];
      if (this.#wide[slot]) this.#big[slot] = cutBig(this.#nextBig[r], registers[r]);
      else v[slot] = cutter(registers[r])(this.#next[r]);
    }
  }

  #step(flat: FlatCell): Step {
    const { cell, slot, ins, types } = flat;
    const narrow =
      cell.width <= NUMBER &&
      types.every(({ width }, j) => width + (cell.op === 'add' || cell.op === 'sub' ? cell.shifts[j] : 0) <= NUMBER) &&
      (cell.op !== 'mul' || types[0].width + types[1].width <= NUMBER) &&
      (cell.op !== 'shl' || types[0].width + cell.by <= NUMBER);
    return (narrow ? numberStep(this.#v, flat) : undefined) ?? this.#bigStep(cell, slot, ins, flat);
  }

  #bigStep(cell: FlatCell['cell'], slot: number, ins: readonly number[], flat: FlatCell): Step {
    const x = (j: number): bigint => this.get(ins[j]);
    const unsigned = (j: number): bigint => BigInt.asUintN(flat.types[j].width, x(j));
    const compute = ((): (() => bigint) => {
      switch (cell.op) {
        case 'add':
          return () => (x(0) << BigInt(cell.shifts[0])) + (x(1) << BigInt(cell.shifts[1]));
        case 'sub':
          return () => (x(0) << BigInt(cell.shifts[0])) - (x(1) << BigInt(cell.shifts[1]));
        case 'mul':
          return () => x(0) * x(1);
        case 'bits':
          return () => x(0) >> BigInt(cell.from);
        case 'shl':
          return () => x(0) << BigInt(cell.by);
        case 'cat':
          return () => ins.reduce((word, _, j) => (word << BigInt(flat.types[j].width)) | unsigned(j), 0n);
        case 'and':
          return () => ins.reduce((word, _, j) => word & x(j), -1n);
        case 'or':
          return () => ins.reduce((word, _, j) => word | x(j), 0n);
        case 'xor':
          return () => ins.reduce((word, _, j) => word ^ x(j), 0n);
        case 'not':
          return () => ~x(0);
        case 'any':
          return () => (ins.every((_, j) => x(j) !== 0n) ? 1n : 0n);
        case 'select':
          return () => {
            let word = 0n;
            for (let j = 0; j < ins.length; j += 2) if (x(j) !== 0n) word |= x(j + 1);
            return word;
          };
        case 'mux':
          return () => (x(0) === 0n ? x(2) : x(1));
        case 'eq':
          return () => (x(0) === x(1) ? 1n : 0n);
        case 'lt':
          return () => (x(0) < x(1) ? 1n : 0n);
        case 'table':
          return () => cell.values[Number(x(0))];
        default:
          throw new RtlError(`cell "${cell.name}" of kind ${cell.op} cannot be simulated`);
      }
    })();
    return () => this.set(slot, cutBig(compute(), flat));
  }
}

/** The step in plain numbers, where plain numbers can do it. */
function numberStep(v: Float64Array, flat: FlatCell): Step | undefined {
  const { cell, slot, ins, types } = flat;
  const cut = cutter(flat);
  const [a, b, c] = ins;
  switch (cell.op) {
    case 'add': {
      const [p, q] = cell.shifts.map((shift) => 2 ** shift);
      return () => {
        v[slot] = cut(v[a] * p + v[b] * q);
      };
    }
    case 'sub': {
      const [p, q] = cell.shifts.map((shift) => 2 ** shift);
      return () => {
        v[slot] = cut(v[a] * p - v[b] * q);
      };
    }
    case 'mul':
      return () => {
        v[slot] = cut(v[a] * v[b] + 0);
      };
    case 'bits': {
      const scale = 2 ** -cell.from;
      return () => {
        v[slot] = cut(Math.floor(v[a] * scale));
      };
    }
    case 'shl': {
      const scale = 2 ** cell.by;
      return () => {
        v[slot] = cut(v[a] * scale);
      };
    }
    case 'cat': {
      const scales = types.map(({ width }) => 2 ** width);
      return () => {
        let word = 0;
        for (let j = 0; j < ins.length; j++) {
          const x = v[ins[j]];
          word = word * scales[j] + (x < 0 ? x + scales[j] : x);
        }
        v[slot] = cut(word);
      };
    }
    case 'not':
      if (cell.signed || types[0].signed || types[0].width > cell.width) return undefined;
      return () => {
        v[slot] = 2 ** cell.width - 1 - v[a];
      };
    case 'any':
      return () => {
        v[slot] = v[a] === 0 || (b !== undefined && v[b] === 0) ? 0 : 1;
      };
    case 'mux':
      return () => {
        v[slot] = cut(v[a] === 0 ? v[c] : v[b]);
      };
    case 'eq':
      return () => {
        v[slot] = v[a] === v[b] ? 1 : 0;
      };
    case 'lt':
      return () => {
        v[slot] = v[a] < v[b] ? 1 : 0;
      };
    case 'table': {
      const values = Float64Array.from(cell.values, Number);
      return () => {
        v[slot] = values[v[a]];
      };
    }
    default:
      return cell.width > BITWISE || types.some(({ width }) => width > BITWISE) ? undefined : bitwiseStep(v, flat);
  }
}

function bitwiseStep(v: Float64Array, flat: FlatCell): Step | undefined {
  const { cell, slot, ins } = flat;
  const cut = cutter(flat);
  const { length } = ins;
  switch (cell.op) {
    case 'and':
      return () => {
        let word = v[ins[0]];
        for (let j = 1; j < length; j++) word &= v[ins[j]];
        v[slot] = cut(word);
      };
    case 'or':
      return () => {
        let word = v[ins[0]];
        for (let j = 1; j < length; j++) word |= v[ins[j]];
        v[slot] = cut(word);
      };
    case 'xor':
      return () => {
        let word = v[ins[0]];
        for (let j = 1; j < length; j++) word ^= v[ins[j]];
        v[slot] = cut(word);
      };
    case 'select':
      return () => {
        let word = 0;
        for (let j = 0; j < length; j += 2) if (v[ins[j]] !== 0) word |= v[ins[j + 1]];
        v[slot] = cut(word);
      };
    default:
      return undefined;
  }
}

const cutters = new Map<string, (x: number) => number>();

/** What a wire makes of a number: itself if it fits, else its low bits. */
function cutter({ cell: { width, signed } }: FlatCell): (x: number) => number {
  const key = `${width} ${signed}`;
  const known = cutters.get(key);
  if (known !== undefined) return known;
  const { lo, hi } = wireRange({ width, signed });
  const [least, most, span] = [Number(lo), Number(hi), 2 ** width];
  const cut = (x: number): number => {
    if (x >= least && x <= most) return x;
    const rest = x - Math.floor(x / span) * span;
    return rest > most ? rest - span : rest;
  };
  cutters.set(key, cut);
  return cut;
}

function cutBig(x: bigint, { cell: { width, signed } }: FlatCell): bigint {
  return signed ? BigInt.asIntN(width, x) : BigInt.asUintN(width, x);
}
