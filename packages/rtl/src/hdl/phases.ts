/** The parts of an image that follow each other: from image signals to chunk signals and back, and what is carried from one part to the next. */
import { RtlError } from '../errors.ts';
import { Logic } from './logic.ts';
import { viewOf } from './placed-cells.ts';
import { BIT, hullOf, type Range, wireRange } from './range.ts';
import { isConstant, type Signal } from './signal.ts';

/** Cells that take turns. */
export class Phases extends Logic {
  readonly #before = new Map<string, Signal>();

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
    return { ...x, stage, last: stage, chunk: false };
  }

  /**
   * Chunk signal `ahead` stages later whose number in phase p is that of phase p + `offset`, at most `ahead` phases further on. In phases in which there is none it
   * is anything.
   */
  neighbour(x: Signal, offset: number, ahead: number): Signal {
    if (isConstant(x)) return x;
    const stage = x.stage + ahead;
    return { ...this.at(x, stage - offset), stage, last: stage };
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
    const state = this.push({ op: 'reg', reset: false }, [], at, range, name);
    const old: Signal = { id: state, ...range, stage: y.stage, level: 0, last: y.stage, chunk: true };
    const before = this.gate(this.not(this.phaseBit(y.stage, 0)), old);
    const sum = this.bits(this.add(before, y), 0, width);
    if (sum.stage !== y.stage) throw new RtlError('internal: a running sum does not fit into a stage');
    this.feed(state, sum);
    return before;
  }

  /**
   * A register that carries a number from each phase of a chunk signal to the next: `old` is what `next` was told in the phase before, `first` in phase 0.
   * It is cleared whenever no image is on its way, by its own reset and without logic.
   */
  carry(stage: number, range: Range, first: bigint): { old: Signal; next(x: Signal): void } {
    const id = this.push({ op: 'reg', reset: false }, [], { stage: stage + 1, level: 0 }, range);
    const old: Signal = { id, ...range, stage, level: 0, last: stage, chunk: true };
    const next = (x: Signal): void => {
      const keep = this.or(Array.from({ length: this.interval - 1 }, (_, p) => this.phaseBit(stage, p)));
      const given = this.cell({ op: 'mux' }, this.place([keep, x, this.constant(first)], 0), hullOf([range, x]));
      if (given.stage !== stage) throw new RtlError('internal: a carry does not fit into its stage');
      this.feed(id, given);
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
    const state = this.push({ op: 'reg', reset: false }, [], { stage: y.stage + 1, level: 0 }, y, name);
    const old: Signal = { id: state, lo: y.lo, hi: y.hi, stage: y.stage, level: 0, last: y.stage, chunk: true };
    const first = this.phaseBit(y.stage, 0);
    const joined = this.select([
      [this.not(first), old],
      [this.constant(1), y],
    ]);
    this.feed(state, joined);
    return this.phase(joined, phases - 1);
  }
}
