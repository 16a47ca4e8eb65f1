/**
 * Executes a flattened design clock by clock. Values are plain numbers while a cell and what it reads have at most 53 bits, BigInts beyond.
 *
 * The logic is a list of instructions in one array of integers, run by one loop: no code is generated, so that it works under a content security policy, and nothing
 * is called per cell, so that a design of 100,000 cells takes about a millisecond per clock. A result that does not fit its wire is cut as in Verilog: what a
 * wrong width does to the hardware, it does here.
 */
import { RtlError } from '../errors.ts';
import { wireRange } from '../hdl/range.ts';
import type { FlatCell, FlatDesign } from './flatten.ts';

/** Widest wire that is computed in plain numbers, and widest for which bitwise operators of numbers are right. */
const NUMBER = 53;
const BITWISE = 31;

/** Instructions: each is `[code, target, …operands]`. */
const Code = {
  /** a, factor of a, b, factor of b (places in the constants). */
  add: 0,
  sub: 1,
  /** a, b. */
  mul: 2,
  /** a, factor: `⌊a · factor⌋`. */
  scale: 3,
  /** count, then wire and factor of each. */
  cat: 4,
  /** count, wires. */
  and: 5,
  or: 6,
  xor: 7,
  /** a. */
  not: 8,
  /** a, b (the target itself if there is none). */
  any: 9,
  anyAnd: 10,
  /** count of pairs, bits and values in turn. */
  select: 11,
  /** bit, a, b. */
  mux: 12,
  eq: 13,
  lt: 14,
  /** a, place of the first entry in the constants. */
  table: 15,
  /** Number of a function that computes a wide cell. */
  wide: 16,
} as const;

export class Machine {
  /** Values of wires of at most 53 bits. */
  readonly #v: Float64Array;
  /** Values of wider wires. */
  readonly #big: bigint[];
  readonly #isWide: readonly boolean[];
  readonly #program: Int32Array;
  readonly #constants: Float64Array;
  readonly #functions: readonly (() => void)[];
  /** Least and largest number of every wire, and the number of numbers. */
  readonly #lo: Float64Array;
  readonly #hi: Float64Array;
  readonly #span: Float64Array;
  readonly #registers: Registers;

  constructor(design: FlatDesign) {
    this.#v = new Float64Array(design.slots);
    this.#big = new Array<bigint>(design.slots).fill(0n);
    this.#isWide = design.types.map(({ width }) => width > NUMBER);
    const ranges = design.types.map(wireRange);
    this.#lo = Float64Array.from(ranges, ({ lo }) => Number(lo));
    this.#hi = Float64Array.from(ranges, ({ hi }) => Number(hi));
    this.#span = Float64Array.from(design.types, ({ width }) => 2 ** width);
    for (const { cell, slot } of design.logic) if (cell.op === 'const') this.set(slot, cell.value);
    const program: number[] = [];
    const constants = new Constants();
    const functions: (() => void)[] = [];
    for (const flat of design.logic) {
      if (flat.cell.op === 'const') continue;
      const instruction = encode(flat, constants);
      if (instruction === undefined) program.push(Code.wide, flat.slot, functions.push(this.#wide(flat)) - 1);
      else for (const word of instruction) program.push(word);
    }
    this.#program = Int32Array.from(program);
    this.#constants = Float64Array.from(constants.values);
    this.#functions = functions;
    this.#registers = registersOf(design.registers, this.#isWide);
  }

  /** Sets all bits of the registers that no reset touches. */
  fill({ registers }: FlatDesign): void {
    for (const flat of registers) {
      if (flat.cell.op === 'reg' && !flat.cell.reset) this.set(flat.slot, cut(-1n, flat));
    }
  }

  get(slot: number): bigint {
    return this.#isWide[slot] ? this.#big[slot] : BigInt(this.#v[slot]);
  }

  set(slot: number, value: bigint): void {
    if (this.#isWide[slot]) this.#big[slot] = value;
    else this.#v[slot] = Number(value);
  }

  /** Lets the logic settle on the present registers and inputs. */
  settle(): void {
    const [v, p, k, lo, hi, span] = [this.#v, this.#program, this.#constants, this.#lo, this.#hi, this.#span];
    for (let at = 0; at < p.length; ) {
      const target = p[at + 1];
      let x = 0;
      switch (p[at]) {
        case Code.add:
          x = v[p[at + 2]] * k[p[at + 3]] + v[p[at + 4]] * k[p[at + 5]];
          at += 6;
          break;
        case Code.sub:
          x = v[p[at + 2]] * k[p[at + 3]] - v[p[at + 4]] * k[p[at + 5]];
          at += 6;
          break;
        case Code.mul:
          x = v[p[at + 2]] * v[p[at + 3]] + 0;
          at += 4;
          break;
        case Code.scale:
          x = Math.floor(v[p[at + 2]] * k[p[at + 3]]);
          at += 4;
          break;
        case Code.cat: {
          const end = at + 3 + 2 * p[at + 2];
          for (at += 3; at < end; at += 2) {
            const part = v[p[at]];
            const factor = k[p[at + 1]];
            x = x * factor + (part < 0 ? part + factor : part);
          }
          break;
        }
        case Code.and: {
          const end = at + 3 + p[at + 2];
          x = -1;
          for (at += 3; at < end; at++) x &= v[p[at]];
          break;
        }
        case Code.or: {
          const end = at + 3 + p[at + 2];
          for (at += 3; at < end; at++) x |= v[p[at]];
          break;
        }
        case Code.xor: {
          const end = at + 3 + p[at + 2];
          for (at += 3; at < end; at++) x ^= v[p[at]];
          break;
        }
        case Code.not:
          x = span[target] - 1 - v[p[at + 2]];
          at += 3;
          break;
        case Code.any:
          x = v[p[at + 2]] === 0 ? 0 : 1;
          at += 3;
          break;
        case Code.anyAnd:
          x = v[p[at + 2]] === 0 || v[p[at + 3]] === 0 ? 0 : 1;
          at += 4;
          break;
        case Code.select: {
          const end = at + 3 + 2 * p[at + 2];
          for (at += 3; at < end; at += 2) if (v[p[at]] !== 0) x |= v[p[at + 1]];
          break;
        }
        case Code.mux:
          x = v[p[at + 2]] === 0 ? v[p[at + 4]] : v[p[at + 3]];
          at += 5;
          break;
        case Code.eq:
          x = v[p[at + 2]] === v[p[at + 3]] ? 1 : 0;
          at += 4;
          break;
        case Code.lt:
          x = v[p[at + 2]] < v[p[at + 3]] ? 1 : 0;
          at += 4;
          break;
        case Code.table:
          x = k[p[at + 3] + v[p[at + 2]]];
          at += 4;
          break;
        default:
          this.#functions[p[at + 2]]();
          at += 3;
          continue;
      }
      if (x < lo[target] || x > hi[target]) {
        x -= Math.floor(x / span[target]) * span[target];
        if (x > hi[target]) x -= span[target];
      }
      v[target] = x;
    }
  }

  /** A clock edge: registers take what stands before them. */
  tick(): void {
    const v = this.#v;
    const { targets, sources, enables, next, wide } = this.#registers;
    for (let r = 0; r < targets.length; r++) {
      next[r] = enables[r] >= 0 && v[enables[r]] === 0 ? v[targets[r]] : v[sources[r]];
    }
    const taken = wide.map((flat) => {
      const [source, enable] = flat.ins;
      return this.get(enable !== undefined && v[enable] === 0 ? flat.slot : source);
    });
    const [lo, hi, span] = [this.#lo, this.#hi, this.#span];
    for (let r = 0; r < targets.length; r++) {
      const target = targets[r];
      let x = next[r];
      if (x < lo[target] || x > hi[target]) {
        x -= Math.floor(x / span[target]) * span[target];
        if (x > hi[target]) x -= span[target];
      }
      v[target] = x;
    }
    for (const [r, flat] of wide.entries()) this.set(flat.slot, cut(taken[r], flat));
  }

  /** A function that computes a cell in BigInts. */
  #wide(flat: FlatCell): () => void {
    const { cell, slot, ins, types } = flat;
    const x = (j: number): bigint => this.get(ins[j]);
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
          return () => types.reduce((word, { width }, j) => (word << BigInt(width)) | BigInt.asUintN(width, x(j)), 0n);
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
    return () => this.set(slot, cut(compute(), flat));
  }
}

/** Numbers that instructions refer to; each once, tables apart. */
class Constants {
  readonly values: number[] = [];
  readonly #places = new Map<number, number>();
  readonly #tables = new Map<readonly bigint[], number>();

  number(value: number): number {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    const place = this.values.push(value) - 1;
    this.#places.set(value, place);
    return place;
  }

  table(entries: readonly bigint[]): number {
    const known = this.#tables.get(entries);
    if (known !== undefined) return known;
    const place = this.values.length;
    for (const entry of entries) this.values.push(Number(entry));
    this.#tables.set(entries, place);
    return place;
  }
}

/** The instruction of a cell, where plain numbers can do it. */
function encode({ cell, slot, ins, types }: FlatCell, constants: Constants): number[] | undefined {
  const widest = Math.max(cell.width, ...types.map(({ width }) => width));
  if (widest > NUMBER) return undefined;
  const [a, b, c] = ins;
  switch (cell.op) {
    case 'add':
    case 'sub': {
      if (types.some(({ width }, j) => width + cell.shifts[j] > NUMBER)) return undefined;
      const [p, q] = cell.shifts.map((shift) => constants.number(2 ** shift));
      return [Code[cell.op], slot, a, p, b, q];
    }
    case 'mul':
      return types[0].width + types[1].width > NUMBER ? undefined : [Code.mul, slot, a, b];
    case 'bits':
      return [Code.scale, slot, a, constants.number(2 ** -cell.from)];
    case 'shl':
      return types[0].width + cell.by > NUMBER ? undefined : [Code.scale, slot, a, constants.number(2 ** cell.by)];
    case 'cat':
      return [Code.cat, slot, ins.length, ...ins.flatMap((x, j) => [x, constants.number(2 ** types[j].width)])];
    case 'not':
      return cell.signed || types[0].signed || types[0].width > cell.width ? undefined : [Code.not, slot, a];
    case 'any':
      return b === undefined ? [Code.any, slot, a] : [Code.anyAnd, slot, a, b];
    case 'mux':
      return [Code.mux, slot, a, b, c];
    case 'eq':
    case 'lt':
      return [Code[cell.op], slot, a, b];
    case 'table':
      return [Code.table, slot, a, constants.table(cell.values)];
    case 'and':
    case 'or':
    case 'xor':
      return widest > BITWISE ? undefined : [Code[cell.op], slot, ins.length, ...ins];
    case 'select':
      return widest > BITWISE ? undefined : [Code.select, slot, ins.length / 2, ...ins];
    default:
      return undefined;
  }
}

interface Registers {
  readonly targets: Int32Array;
  readonly sources: Int32Array;
  /** −1 for registers without. */
  readonly enables: Int32Array;
  readonly next: Float64Array;
  /** Registers that hold or read something wide. */
  readonly wide: readonly FlatCell[];
}

function registersOf(registers: readonly FlatCell[], isWide: readonly boolean[]): Registers {
  const narrow = registers.filter(({ slot, ins }) => !isWide[slot] && !isWide[ins[0]]);
  return {
    targets: Int32Array.from(narrow, ({ slot }) => slot),
    sources: Int32Array.from(narrow, ({ ins }) => ins[0]),
    enables: Int32Array.from(narrow, ({ ins }) => ins[1] ?? -1),
    next: new Float64Array(narrow.length),
    wide: registers.filter(({ slot, ins }) => isWide[slot] || isWide[ins[0]]),
  };
}

/** What a wire makes of a number: itself if it fits, else its low bits. */
function cut(x: bigint, { cell: { width, signed } }: FlatCell): bigint {
  return signed ? BigInt.asIntN(width, x) : BigInt.asUintN(width, x);
}
