/**
 * Writes a module cell by cell and decides at once in which pipeline stage each cell works: as soon as its inputs are there, in the
 * same stage if its levels still fit, else in the next one. Inputs that come earlier are delayed by registers, shared per signal; with an
 * interval above 1 a register holds its number for that many clocks, so one of them bridges as many stages.
 *
 * Constants are folded and equal cells made once, so that dead channels and zero weights vanish by themselves.
 */
import { RtlError } from '../errors.ts';
import type { Cell, Port } from './cell.ts';
import { identifier } from './identifier.ts';
import { carryLevels, equalLevels, selectLevels, tableLevels, treeLevels } from './levels.ts';
import type { Library, Made } from './library.ts';
import { BIT, hullOf, max, min, type Range, wireRange, wireType } from './range.ts';
import { isConstant, type Signal } from './signal.ts';

/** The op-specific part of a cell. */
type Shape = Cell extends infer C
  ? C extends Cell
    ? Omit<C, 'width' | 'signed' | 'name' | 'ins' | 'stage' | 'level'>
    : never
  : never;

interface Place {
  readonly stage: number;
  readonly level: number;
  readonly last: number;
  readonly chunk: boolean;
  readonly ins: readonly Signal[];
}

const ALWAYS = { stage: 0, level: 0, last: Number.POSITIVE_INFINITY, chunk: false } as const;

/** What a module contains: takes its inputs, returns its outputs. */
export type Build = (b: ModuleBuilder, inputs: readonly Signal[]) => readonly Signal[];

/** Name and contents of a module to be. */
export interface ModuleSpec {
  /** Wanted name. */
  readonly name: string;
  /** Tells modules of one name apart that are built alike but for something that no input shows. Default the name. */
  readonly key?: string;
  readonly comment: readonly string[];
  /** Names of the inputs and outputs, for the reader; numbered where they run out. */
  readonly ports?: { readonly inputs?: readonly string[]; readonly outputs?: readonly string[] };
  readonly build: Build;
}

export class ModuleBuilder {
  readonly library: Library;
  readonly #cells: Cell[] = [];
  readonly #known = new Map<string, Signal>();
  readonly #names = new Set<string>();
  readonly #copies = new Map<string, Signal[]>();
  readonly #before = new Map<string, Signal>();
  readonly #inputs: Port[] = [];
  readonly #tokens: number[] = [];

  constructor(library: Library) {
    this.library = library;
  }

  get interval(): number {
    return this.library.timing.interval;
  }

  get levels(): number {
    return this.library.timing.levels;
  }

  // ---- constants and wires

  constant(value: bigint | number): Signal {
    const code = BigInt(value);
    return this.#cell({ op: 'const', value: code }, { ...ALWAYS, ins: [] }, { lo: code, hi: code });
  }

  /** The same number on a narrower wire. The caller knows that it is in the range. */
  narrow(x: Signal, range: Range, name?: string): Signal {
    const lo = max(x.lo, range.lo);
    const hi = min(x.hi, range.hi);
    if (lo === x.lo && hi === x.hi) return x;
    if (lo >= hi) return this.constant(lo > hi ? 0n : lo);
    const type = wireType({ lo, hi });
    const own = wireType(x);
    if (type.width === own.width && type.signed === own.signed) return this.#same(x, { lo, hi });
    return this.#cell({ op: 'bits', from: 0 }, this.#place([x], 0), { lo, hi }, name);
  }

  /** `⌊x / 2^by⌋`, or `x · 2^-by`. */
  shift(x: Signal, by: number, name?: string): Signal {
    if (by === 0) return x;
    if (by < 0) {
      const count = BigInt(-by);
      if (isConstant(x)) return this.constant(x.lo << count);
      return this.#cell({ op: 'shl', by: -by }, this.#place([x], 0), { lo: x.lo << count, hi: x.hi << count }, name);
    }
    const range = { lo: x.lo >> BigInt(by), hi: x.hi >> BigInt(by) };
    if (range.lo === range.hi) return this.constant(range.lo);
    return this.#cell({ op: 'bits', from: by }, this.#place([x], 0), range, name);
  }

  /** `count` bits from bit `from` on as a two's complement or unsigned number. */
  bits(x: Signal, from: number, count: number, signed = false, name?: string): Signal {
    const range = wireRange({ width: count, signed });
    const own = wireType(x);
    if (from === 0 && own.width === count && own.signed === signed && !isConstant(x)) return x;
    if (isConstant(x)) {
      const word = x.lo >> BigInt(from);
      return this.constant(signed ? BigInt.asIntN(count, word) : BigInt.asUintN(count, word));
    }
    return this.#cell({ op: 'bits', from }, this.#place([x], 0), range, name);
  }

  /** The lowest bit of a number. */
  bit(x: Signal, at: number): Signal {
    return this.bits(x, at, 1);
  }

  /** Whether a number is negative. */
  sign(x: Signal): Signal {
    if (x.lo >= 0n) return this.constant(0);
    if (x.hi < 0n) return this.constant(1);
    return this.bit(x, wireType(x).width - 1);
  }

  /** All bits after each other, the first signal on top. */
  cat(parts: readonly Signal[], name?: string): Signal {
    if (parts.length === 1 && parts[0].lo >= 0n) return parts[0];
    const width = parts.reduce((sum, part) => sum + wireType(part).width, 0);
    if (parts.every(isConstant)) {
      return this.constant(
        parts.reduce((word, x) => (word << BigInt(wireType(x).width)) | BigInt.asUintN(wireType(x).width, x.lo), 0n),
      );
    }
    return this.#cell({ op: 'cat' }, this.#place(parts, 0), wireRange({ width, signed: false }), name);
  }

  // ---- arithmetic

  /** `a · 2^aShift + b · 2^bShift`. */
  add(a: Signal, b: Signal, aShift = 0, bShift = 0, name?: string): Signal {
    return this.#sum('add', a, b, aShift, bShift, name);
  }

  /** `a · 2^aShift - b · 2^bShift`. */
  sub(a: Signal, b: Signal, aShift = 0, bShift = 0, name?: string): Signal {
    return this.#sum('sub', a, b, aShift, bShift, name);
  }

  /** Product of two numbers: a stage of its own, as a DSP block takes. */
  mul(a: Signal, b: Signal, name?: string): Signal {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ]) {
      if (isConstant(x)) return this.scale(y, x.lo);
    }
    const ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
    const range = { lo: ends.reduce(min), hi: ends.reduce(max) };
    return this.#cell({ op: 'mul' }, this.#place([a, b], this.levels), range, name);
  }

  /** `x` times a constant, by shifts and additions. */
  scale(x: Signal, factor: bigint): Signal {
    if (isConstant(x) || factor === 0n) return this.constant(x.lo * factor);
    const terms: Signal[] = [];
    const negative: Signal[] = [];
    let rest = factor;
    for (let shift = 0; rest !== 0n; shift++, rest >>= 1n) {
      if ((rest & 1n) === 0n) continue;
      // Canonical signed digits: 3 mod 4 is better written as −1 with a carry.
      const minus = (rest & 3n) === 3n;
      (minus ? negative : terms).push(this.shift(x, -shift));
      rest += minus ? 1n : -1n;
    }
    const plus = this.sum(terms);
    return negative.length === 0 ? plus : this.sub(plus, this.sum(negative));
  }

  /** Sum of any number of signals, by a tree that adds those first that are there first. */
  sum(terms: readonly Signal[], name?: string): Signal {
    if (terms.length === 0) return this.constant(0);
    const open = [...terms].sort(earlier);
    while (open.length > 1) {
      const [a, b] = open.splice(0, 2);
      const sum = this.add(a, b, 0, 0, open.length === 0 ? name : undefined);
      const at = open.findIndex((other) => earlier(sum, other) < 0);
      open.splice(at < 0 ? open.length : at, 0, sum);
    }
    return open[0];
  }

  /** `a < b`. */
  less(a: Signal, b: Signal, name?: string): Signal {
    if (a.hi < b.lo) return this.constant(1);
    if (a.lo >= b.hi) return this.constant(0);
    if (isConstant(b) && b.lo === 0n) return this.sign(a);
    const width = Math.max(wireType(a).width, wireType(b).width);
    return this.#cell({ op: 'lt' }, this.#place([a, b], carryLevels(width)), BIT, name);
  }

  /** `a = b`. */
  equal(a: Signal, b: Signal, name?: string): Signal {
    if (a.hi < b.lo || b.hi < a.lo) return this.constant(0);
    if (isConstant(a) && isConstant(b)) return this.constant(1);
    const width = Math.max(wireType(a).width, wireType(b).width);
    const cost = isConstant(a) || isConstant(b) ? Math.max(1, treeLevels(width)) : equalLevels(width);
    return this.#cell({ op: 'eq' }, this.#place([a, b], cost), BIT, name);
  }

  // ---- logic on single bits

  not(x: Signal, name?: string): Signal {
    if (isConstant(x)) return this.constant(1n - x.lo);
    // An inverter is part of whatever LUT reads it.
    return this.#cell({ op: 'not' }, this.#place([x], 0), BIT, name);
  }

  /** All bits of an unsigned word of `width` bits inverted. */
  invert(x: Signal, width: number): Signal {
    const range = wireRange({ width, signed: false });
    if (isConstant(x)) return this.constant(range.hi - x.lo);
    return this.#cell({ op: 'not' }, this.#place([x], 0), range);
  }

  and(bits: readonly Signal[], name?: string): Signal {
    if (bits.some((bit) => bit.hi === 0n)) return this.constant(0);
    return this.#logic(
      'and',
      unique(bits).filter((bit) => bit.lo === 0n),
      1,
      name,
    );
  }

  or(bits: readonly Signal[], name?: string): Signal {
    if (bits.some((bit) => bit.lo === 1n)) return this.constant(1);
    return this.#logic(
      'or',
      unique(bits).filter((bit) => bit.hi === 1n),
      0,
      name,
    );
  }

  xor(bits: readonly Signal[], name?: string): Signal {
    const live = bits.filter((bit) => !isConstant(bit));
    const odd = bits.filter((bit) => isConstant(bit) && bit.lo === 1n).length % 2 === 1;
    const parity = this.#logic('xor', live, 0, odd ? undefined : name);
    return odd ? this.not(parity, name) : parity;
  }

  /** Whether a number is not 0, and `on` is set too. */
  any(x: Signal, on?: Signal, name?: string): Signal {
    if (x.lo > 0n || x.hi < 0n) return on ?? this.constant(1);
    if (isConstant(x) || on?.hi === 0n) return this.constant(0);
    const { width } = wireType(x);
    const gate = on === undefined || isConstant(on) ? [] : [on];
    if (width === 1) return this.and([this.bit(x, 0), ...gate], name);
    return this.#cell({ op: 'any' }, this.#place([x, ...gate], treeLevels(width + gate.length)), BIT, name);
  }

  // ---- choice

  /** Bitwise or of all values whose bit is set; 0 when none is. */
  select(pairs: readonly (readonly [Signal, Signal])[], name?: string): Signal {
    const live = pairs.filter(([bit, value]) => bit.hi !== 0n && !(isConstant(value) && value.lo === 0n));
    if (live.length === 0) return this.constant(0);
    if (live.length === 1 && live[0][0].lo === 1n) return live[0][1];
    const range = hullOf([{ lo: 0n, hi: 0n }, ...live.map(([, value]) => value)]);
    // Several set bits mix their values: anything that the wire can hold.
    const place = this.#place(live.flat(), selectLevels(live.length));
    return this.#cell({ op: 'select' }, place, live.length === 1 ? range : wireRange(wireType(range)), name);
  }

  /** `bit ? value : 0`. Part of the LUT that makes `value`, if `merged` and the bit is there in time. */
  gate(bit: Signal, value: Signal, merged = false, name?: string): Signal {
    if (bit.hi === 0n || isConstant(bit) || isConstant(value) || !merged) return this.select([[bit, value]], name);
    const range = hullOf([{ lo: 0n, hi: 0n }, value]);
    return this.#cell({ op: 'select' }, this.#place([bit, value], this.#joins(value, [bit]) ? 0 : 1), range, name);
  }

  /** `bit ? constant : value`. Part of the LUT that makes `value`, if `merged` and the bit is there in time. */
  override(bit: Signal, constant: bigint, value: Signal, merged = false): Signal {
    if (isConstant(bit)) return bit.lo === 1n ? this.constant(constant) : value;
    const other = this.constant(constant);
    const cost = merged && this.#joins(value, [bit]) ? 0 : 1;
    return this.#cell({ op: 'mux' }, this.#place([bit, other, value], cost), hullOf([other, value]));
  }

  /** `bit ? a : b`. */
  mux(bit: Signal, a: Signal, b: Signal, name?: string): Signal {
    if (isConstant(bit)) return bit.lo === 1n ? a : b;
    if (a.id === b.id) return a;
    if (isConstant(b) && b.lo === 0n) return this.gate(bit, a, false, name);
    return this.#cell({ op: 'mux' }, this.#place([bit, a, b], 1), hullOf([a, b]), name);
  }

  /** Entry `index` of a table of `2^width` numbers; `index` is an unsigned number of at most `width` bits. */
  table(index: Signal, values: readonly bigint[], name?: string): Signal {
    if (isConstant(index)) return this.constant(values[Number(index.lo)]);
    const range = hullOf(values.map((value) => ({ lo: value, hi: value })));
    if (range.lo === range.hi) return this.constant(range.lo);
    const width = Math.ceil(Math.log2(values.length));
    return this.#cell({ op: 'table', values }, this.#place([index], tableLevels(width)), range, name);
  }

  // ---- time

  /** Image signal that is set in stage `stage` of every image and no other clock. */
  token(stage: number): Signal {
    if (this.#tokens.length === 0) {
      this.#tokens.push(this.#push({ op: 'port' }, [], { stage: 0, level: 0 }, BIT, 'go'));
    }
    while (this.#tokens.length <= stage) {
      const before = this.#tokens[this.#tokens.length - 1];
      const at = { stage: this.#tokens.length, level: 0 };
      this.#tokens.push(this.#push({ op: 'reg', reset: true }, [before], at, BIT, `go_${at.stage}`));
    }
    const id = this.#tokens[stage];
    return { id, ...BIT, stage, level: 0, last: stage, chunk: false };
  }

  /** The signal in stage `stage`, behind as few registers as that takes; at most `level` levels late. */
  at(x: Signal, stage: number, level: number = this.levels): Signal {
    if (isConstant(x)) return x;
    if (stage < x.stage) throw new RtlError(`internal: signal of stage ${x.stage} asked for in stage ${stage}`);
    if (x.chunk) {
      if (stage === x.stage && x.level <= level) return x;
      if (stage === x.stage) throw new RtlError('internal: a chunk signal is too late for its stage');
      return this.#register(this.at(x, stage - 1), stage - 1);
    }
    if (stage <= x.last && x.level <= level) return x;
    const held = this.#copies.get(viewOf(x))?.find((copy) => copy.stage <= stage && stage <= copy.last);
    if (held !== undefined) return held;
    const load = Math.min(x.last, stage - 1);
    if (load < x.stage)
      throw new RtlError(
        `internal: signal of stage ${x.stage}, level ${x.level} has no room to be registered before stage ${stage}`,
      );
    return this.at(this.#register(x, load), stage, level);
  }

  /** An image signal, at most `level` levels late, that stands from `stage` on for a whole interval. */
  hold(x: Signal, stage: number, level: number = this.levels): Signal {
    if (isConstant(x) || (this.#covers(x, stage) && x.level <= level)) return x;
    return this.#register(this.at(x, stage - 1), stage - 1);
  }

  /** First stage from which on `hold` can give the signal. */
  holdable(x: Signal, level: number = this.levels): number {
    if (isConstant(x)) return 0;
    return this.#covers(x, x.stage) && x.level <= level ? x.stage : x.stage + 1;
  }

  /**
   * The numbers of a chunk signal as image signals, one per phase of `phases`. All of them are there in the stage of the last phase, which passes
   * directly; the others are caught in registers.
   */
  collect(x: Signal, phases: number): Signal[] {
    if (isConstant(x)) return new Array<Signal>(phases).fill(x);
    return Array.from({ length: phases }, (_, phase) => this.phase(x, phase));
  }

  /** The number that a chunk signal has in one phase, as an image signal. */
  phase(x: Signal, phase: number): Signal {
    if (isConstant(x)) return x;
    const stage = x.stage + phase;
    return this.#same(x, x, { stage, last: stage, chunk: false });
  }

  /** Chunk signal of the numbers of image signals in turn, not before stage `from`; phases beyond them have 0. */
  serialise(values: readonly Signal[], from = 0, name?: string): Signal {
    if (this.interval === 1) return values[0];
    if (
      values.every(isConstant) &&
      values.every((value) => value.lo === values[0].lo) &&
      values.length === this.interval
    ) {
      return values[0];
    }
    const stage = Math.max(from, ...values.filter((value) => !isConstant(value)).map((value) => this.holdable(value)));
    const pairs = values.map((value, phase): readonly [Signal, Signal] => [
      this.phaseBit(stage, phase),
      this.hold(value, stage),
    ]);
    return this.select(pairs, name);
  }

  /** Chunk bit that is set in phase `phase` of a chunk signal of stage `stage`. */
  phaseBit(stage: number, phase: number): Signal {
    const { id } = this.token(stage + phase);
    return { id, ...BIT, stage, level: 0, last: stage, chunk: true };
  }

  /** Chunk signal: in every phase the sum of the chunk signal's numbers in the phases before, 0 in the first; below `2^width`. */
  runningSum(x: Signal, width: number, name?: string): Signal {
    const range = wireRange({ width, signed: false });
    const y = this.at(x, x.level + 1 > this.levels ? x.stage + 1 : x.stage, this.levels - 1);
    const at = { stage: y.stage + 1, level: 0 };
    const state = this.#push({ op: 'reg', reset: false }, [], at, range, name);
    const old: Signal = { id: state, ...range, stage: y.stage, level: 0, last: y.stage, chunk: true };
    const before = this.gate(this.not(this.phaseBit(y.stage, 0)), old);
    const sum = this.bits(this.add(before, y), 0, width);
    if (sum.stage !== y.stage) throw new RtlError('internal: a running sum does not fit into a stage');
    this.#cells[state] = { ...this.#cells[state], ins: [sum.id] };
    return before;
  }

  /**
   * A register that carries a number from each phase of a chunk signal to the next: `old` is what `next` was told in the phase before, `first` in phase 0.
   * It is cleared whenever no image is on its way, by its own reset and without logic.
   */
  carry(stage: number, range: Range, first: bigint): { old: Signal; next(x: Signal): void } {
    const id = this.#push({ op: 'reg', reset: false }, [], { stage: stage + 1, level: 0 }, range);
    const old: Signal = { id, ...range, stage, level: 0, last: stage, chunk: true };
    const next = (x: Signal): void => {
      const keep = this.or(Array.from({ length: this.interval - 1 }, (_, p) => this.phaseBit(stage, p)));
      const given = this.#cell({ op: 'mux' }, this.#place([keep, x, this.constant(first)], 0), hullOf([range, x]));
      if (given.stage !== stage) throw new RtlError('internal: a carry does not fit into its stage');
      this.#cells[id] = { ...this.#cells[id], ins: [given.id] };
    };
    return { old, next };
  }

  /** Chunk signal: the number of the phase before, 0 in phase 0. */
  before(x: Signal): Signal {
    const known = this.#before.get(viewOf(x));
    if (known !== undefined) return known;
    const { old, next } = this.carry(x.stage, { lo: x.lo, hi: x.hi }, 0n);
    next(x);
    this.#before.set(viewOf(x), old);
    return old;
  }

  /** Image signal: bitwise or of the numbers of a chunk signal in all phases, there in the stage of the last one. */
  gather(x: Signal, phases: number, name?: string): Signal {
    if (isConstant(x)) return x;
    if (phases === 1) return this.phase(x, 0);
    // One stage before the loop, so that what leads to it has its own time.
    const y = this.at(x, x.level + 2 > this.levels ? x.stage + 1 : x.stage, this.levels - 2);
    const state = this.#push({ op: 'reg', reset: false }, [], { stage: y.stage + 1, level: 0 }, y, name);
    const old: Signal = { id: state, lo: y.lo, hi: y.hi, stage: y.stage, level: 0, last: y.stage, chunk: true };
    const first = this.phaseBit(y.stage, 0);
    const joined = this.select([
      [this.not(first), old],
      [this.constant(1), y],
    ]);
    this.#cells[state] = { ...this.#cells[state], ins: [joined.id] };
    return this.phase(joined, phases - 1);
  }

  // ---- hierarchy

  /**
   * Instances of one module, one per row of inputs. Ports come as late as the latest row, so that all instances are alike.
   *
   * @returns the outputs of each instance
   */
  instances(spec: ModuleSpec, rows: readonly (readonly Signal[])[]): Signal[][] {
    const ports = rows[0].map((_, j) => this.#commonPort(rows.map((row) => row[j])));
    const timed = ports.flatMap(({ signal }) => (signal === undefined || isTimeless(signal) ? [] : [signal.stage]));
    const base = timed.length === 0 ? 0 : Math.min(...timed);
    const local = ports.map(({ signal, value }) => {
      if (signal === undefined) return { value };
      return isTimeless(signal) ? signal : { ...signal, stage: signal.stage - base, last: signal.last - base };
    });
    const key = JSON.stringify([spec.key ?? spec.name, local], (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    const made = this.library.obtain(key, identifier(spec.name), (name) =>
      this.#make(name, spec, local as LocalPort[]),
    );
    return rows.map((_, r) => {
      const ins = ports.flatMap(({ row }) => (row === undefined ? [] : [row[r].id]));
      if (made.module.go !== undefined) ins.push(this.token(base).id);
      return this.#results(made, ins, base);
    });
  }

  /** One instance. */
  instance(spec: ModuleSpec, inputs: readonly Signal[]): Signal[] {
    return this.instances(spec, [inputs])[0];
  }

  /** An input port. */
  input(name: string, range: Range, time: { stage: number; level: number; last: number; chunk: boolean }): Signal {
    const id = this.#push({ op: 'port' }, [], time, range, name);
    this.#inputs.push({ name: this.#cells[id].name, cell: id });
    const signal = { id, lo: range.lo, hi: range.hi, ...time };
    return signal;
  }

  /** The finished module. */
  finish(name: string, comment: readonly string[], outputs: readonly Signal[], names: readonly string[] = []): Made {
    const cells = this.#cells;
    const ports = outputs.flatMap((output, j): Port[] =>
      isConstant(output) ? [] : [{ name: this.#portName(names[j] ?? `y${j}`), cell: output.id }],
    );
    const clocked = cells.some(
      (cell) =>
        cell.op === 'reg' ||
        (cell.op === 'instance' && this.library.modules.some((m) => m.name === cell.module && m.clocked)),
    );
    const go = this.#tokens.length > 0 ? { go: this.#tokens[0] } : {};
    return { module: { name, comment, cells, inputs: this.#inputs, outputs: ports, ...go, clocked }, outputs };
  }

  // ---- inside

  /** An instance of a module and its outputs. */
  #results({ module, outputs }: Made, ins: readonly number[], base: number): Signal[] {
    const time = { stage: base, level: 0 };
    const instance = this.#push({ op: 'instance', module: module.name }, ins, time, BIT, `${module.name}_i`);
    let port = 0;
    return outputs.map((output) => {
      if (isConstant(output)) return this.constant(output.lo);
      const { lo, hi, level, last, chunk } = output;
      const stage = output.stage + base;
      const { name } = module.outputs[port];
      const id = this.#push({ op: 'result', port: port++ }, [instance], { stage, level }, output, name);
      return { id, lo, hi, stage, level, last: last + base, chunk };
    });
  }

  #make(name: string, spec: ModuleSpec, ports: readonly LocalPort[]): Made {
    const child = new ModuleBuilder(this.library);
    const inputs = ports.map((port, j) => {
      if ('value' in port) return child.constant(port.value);
      const { lo, hi, stage, level, last, chunk } = port;
      return child.input(spec.ports?.inputs?.[j] ?? `x${j}`, { lo, hi }, { stage, level, last, chunk });
    });
    return child.finish(name, spec.comment, spec.build(child, inputs), spec.ports?.outputs);
  }

  /** What a port has to take that gets these signals in different instances. */
  #commonPort(column: readonly Signal[]): { signal?: Signal; value?: bigint; row?: readonly Signal[] } {
    const live = column.filter((x) => !isConstant(x));
    if (live.length === 0 && column.every((x) => x.lo === column[0].lo)) return { value: column[0].lo };
    const { lo, hi } = hullOf(column);
    if (live.length === 0) return { signal: { id: 0, lo, hi, ...ALWAYS }, row: column };
    const chunk = live.some((x) => x.chunk);
    const stage = Math.max(...live.map((x) => (chunk && !x.chunk ? this.holdable(x) : x.stage)));
    const row = column.map((x) => (chunk && !x.chunk ? this.hold(x, stage) : this.at(x, stage)));
    const alive = row.filter((x) => !isConstant(x));
    const level = Math.max(...alive.map((x) => x.level));
    const last = chunk ? stage : Math.min(...alive.map((x) => x.last));
    return { signal: { id: 0, lo, hi, stage, level, last, chunk }, row };
  }

  #sum(op: 'add' | 'sub', a: Signal, b: Signal, aShift: number, bShift: number, name?: string): Signal {
    const [alo, ahi] = [a.lo << BigInt(aShift), a.hi << BigInt(aShift)];
    const [blo, bhi] = [b.lo << BigInt(bShift), b.hi << BigInt(bShift)];
    const range = op === 'add' ? { lo: alo + blo, hi: ahi + bhi } : { lo: alo - bhi, hi: ahi - blo };
    if (range.lo === range.hi) return this.constant(range.lo);
    if (blo === 0n && bhi === 0n) return this.shift(a, -aShift);
    if (op === 'add' && alo === 0n && ahi === 0n) return this.shift(b, -bShift);
    const place = this.#place([a, b], carryLevels(wireType(range).width));
    return this.#cell({ op, shifts: [aShift, bShift] }, place, range, name);
  }

  #logic(op: 'and' | 'or' | 'xor', bits: readonly Signal[], none: number, name?: string): Signal {
    if (bits.length === 0) return this.constant(none);
    if (bits.length === 1) return bits[0];
    return this.#cell({ op }, this.#place(bits, treeLevels(bits.length)), BIT, name);
  }

  /** Whether the LUT that makes `value` can take these bits as well. */
  #joins(value: Signal, bits: readonly Signal[]): boolean {
    return (
      value.level > 0 &&
      bits.every((bit) => bit.stage < value.stage || (bit.stage === value.stage && bit.level < value.level))
    );
  }

  #covers(x: Signal, stage: number): boolean {
    return x.stage <= stage && stage + this.interval - 1 <= x.last;
  }

  /** Where a cell of these inputs works that takes `cost` levels. */
  #place(inputs: readonly Signal[], cost: number): Place {
    const live = inputs.filter((x) => !isConstant(x));
    if (live.length === 0) return { ...ALWAYS, ins: inputs };
    const chunk = live.some((x) => x.chunk);
    const take = Math.min(cost, this.levels);
    const earliest = (x: Signal) => (chunk && !x.chunk ? this.holdable(x) : x.stage);
    let stage = Math.max(...live.map(earliest));
    // A level count beyond the limit is left only where wires pass a stage's end.
    if (live.some((x) => x.stage === stage && x.level + take > this.levels)) stage++;
    const ins = inputs.map((x) =>
      chunk && !x.chunk ? this.hold(x, stage, this.levels - take) : this.at(x, stage, this.levels - take),
    );
    const alive = ins.filter((x) => !isConstant(x));
    return {
      stage,
      level: Math.max(...alive.map((x) => x.level)) + take,
      last: chunk ? stage : Math.min(...alive.map((x) => x.last)),
      chunk,
      ins,
    };
  }

  /** The signal as it was at the end of stage `load`. */
  #register(x: Signal, load: number): Signal {
    const copies = this.#copies.get(viewOf(x)) ?? [];
    this.#copies.set(viewOf(x), copies);
    const known = copies.find((copy) => copy.stage === load + 1);
    if (known !== undefined) return known;
    const enable = this.interval === 1 || x.chunk ? [] : [this.token(load).id];
    const base = this.#cells[x.id].name.replace(/_d\d+$/, '');
    const at = { stage: load + 1, level: 0 };
    const id = this.#push({ op: 'reg', reset: false }, [x.id, ...enable], at, x, `${base}_d${load + 1}`);
    const last = x.chunk ? load + 1 : load + this.interval;
    const copy = { id, lo: x.lo, hi: x.hi, ...at, last, chunk: x.chunk };
    copies.push(copy);
    return copy;
  }

  /** The same cell seen with another range or time. */
  #same(x: Signal, { lo, hi }: Range, time: Partial<Signal> = {}): Signal {
    return { ...x, ...time, lo, hi };
  }

  #cell(shape: Shape, { stage, level, last, chunk, ins }: Place, range: Range, name?: string): Signal {
    const key = keyOf(shape, ins, range, chunk);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const ids = ins.map(({ id }) => id);
    const id = this.#push(shape, ids, { stage, level }, range, name);
    const signal = { id, lo: range.lo, hi: range.hi, stage, level, last, chunk };
    this.#known.set(key, signal);
    return signal;
  }

  #push(
    shape: Shape,
    ins: readonly number[],
    time: { stage: number; level: number },
    range: Range,
    name?: string,
  ): number {
    const id = this.#cells.length;
    const wanted = name === undefined ? `t${id}` : identifier(name);
    const own = name === 'go' ? 'go' : this.#portName(wanted);
    this.#cells.push({ ...shape, ...wireType(range), name: own, ins, stage: time.stage, level: time.level } as Cell);
    return id;
  }

  #portName(wanted: string): string {
    let name = wanted;
    for (let j = this.#names.has(name) ? this.#cells.length : 0; this.#names.has(name); j++) name = `${wanted}_${j}`;
    this.#names.add(name);
    return name;
  }
}

type LocalPort = { readonly value: bigint } | Signal;

/** Equal for cells that do the same with the same numbers at the same time. */
function keyOf(shape: Shape, ins: readonly Signal[], { lo, hi }: Range, chunk: boolean): string {
  let key = `${shape.op} ${lo} ${hi} ${chunk ? 'c' : 'i'}`;
  for (const { id, stage } of ins) key += ` ${id}@${stage}`;
  switch (shape.op) {
    case 'const':
      return `${key} ${shape.value}`;
    case 'add':
    case 'sub':
      return `${key} ${shape.shifts}`;
    case 'bits':
      return `${key} ${shape.from}`;
    case 'shl':
      return `${key} ${shape.by}`;
    case 'table':
      return `${key} ${shape.values}`;
    default:
      return key;
  }
}

/** Copies of a cell are kept per moment at which it is looked at. */
function viewOf(x: Signal): string {
  return x.chunk ? `${x.id}` : `${x.id} ${x.stage}`;
}

/** Whether a port gets nothing but constants, though different ones. */
function isTimeless({ last }: Signal): boolean {
  return last === Number.POSITIVE_INFINITY;
}

function earlier(a: Signal, b: Signal): number {
  return a.stage - b.stage || a.level - b.level;
}

function unique(signals: readonly Signal[]): Signal[] {
  return [...new Map(signals.map((x) => [x.id, x])).values()];
}
