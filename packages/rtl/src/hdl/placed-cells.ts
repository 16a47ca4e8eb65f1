/**
 * The cells of a module as they are written, each at once in the pipeline stage where it works: as soon as its inputs are there, in the same stage if its levels
 * still fit, else in the next one. Inputs that come earlier are delayed by registers, shared per signal; with an interval above 1 a register holds its number for that
 * many clocks, so one of them bridges as many stages. Equal cells are made once.
 */
import { RtlError } from '../errors.ts';
import type { Cell } from './cell.ts';
import { identifier } from './identifier.ts';
import type { Library } from './library.ts';
import { BIT, type Range, wireType } from './range.ts';
import { isConstant, type Signal } from './signal.ts';

/** The op-specific part of a cell. */
export type Shape = Cell extends infer C
  ? C extends Cell
    ? Omit<C, 'width' | 'signed' | 'name' | 'ins' | 'stage' | 'level'>
    : never
  : never;

/** Where and when a cell works, and its inputs as they are there. */
interface Place {
  readonly stage: number;
  readonly level: number;
  readonly last: number;
  readonly chunk: boolean;
  readonly ins: readonly Signal[];
}

/** Time of what is the same in every clock. */
export const ALWAYS: Omit<Place, 'ins'> = { stage: 0, level: 0, last: Number.POSITIVE_INFINITY, chunk: false };

/** Cells and registers. */
export class PlacedCells {
  readonly library: Library;
  protected readonly cells: Cell[] = [];
  readonly #known = new Map<string, Signal>();
  readonly #names = new Set<string>();
  readonly #copies = new Map<string, Signal[]>();
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

  constant(value: bigint | number): Signal {
    const code = BigInt(value);
    return this.cell({ op: 'const', value: code }, { ...ALWAYS, ins: [] }, { lo: code, hi: code });
  }

  /** Image signal that is set in stage `stage` of every image and no other clock. */
  token(stage: number): Signal {
    if (this.#tokens.length === 0) {
      this.#tokens.push(this.push({ op: 'port' }, [], { stage: 0, level: 0 }, BIT, 'go'));
    }
    while (this.#tokens.length <= stage) {
      const before = this.#tokens[this.#tokens.length - 1];
      const at = { stage: this.#tokens.length, level: 0 };
      this.#tokens.push(this.push({ op: 'reg', reset: true }, [before], at, BIT, `go_${at.stage}`));
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

  /** The cell `go`, if anything counts clocks. */
  protected get start(): number | undefined {
    return this.#tokens[0];
  }

  /** Where a cell of these inputs works that takes `cost` levels. */
  protected place(inputs: readonly Signal[], cost: number): Place {
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

  /** The cell with these inputs at this place, or the one that already does the same. */
  protected cell(shape: Shape, { stage, level, last, chunk, ins }: Place, range: Range, name?: string): Signal {
    const key = keyOf(shape, ins, range, chunk);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const ids = ins.map(({ id }) => id);
    const id = this.push(shape, ids, { stage, level }, range, name);
    const signal = { id, lo: range.lo, hi: range.hi, stage, level, last, chunk };
    this.#known.set(key, signal);
    return signal;
  }

  /** A new cell; its number. */
  protected push(
    shape: Shape,
    ins: readonly number[],
    time: { stage: number; level: number },
    range: Range,
    name?: string,
  ): number {
    const id = this.cells.length;
    const wanted = name === undefined ? `t${id}` : identifier(name);
    const own = name === 'go' ? 'go' : this.freeName(wanted);
    this.cells.push({ ...shape, ...wireType(range), name: own, ins, stage: time.stage, level: time.level } as Cell);
    return id;
  }

  /** Gives a register its data. */
  protected feed(register: number, data: Signal): void {
    this.cells[register] = { ...this.cells[register], ins: [data.id] };
  }

  /** A name that no wire of the module has. */
  protected freeName(wanted: string): string {
    let name = wanted;
    for (let j = this.#names.has(name) ? this.cells.length : 0; this.#names.has(name); j++) name = `${wanted}_${j}`;
    this.#names.add(name);
    return name;
  }

  #covers(x: Signal, stage: number): boolean {
    return x.stage <= stage && stage + this.interval - 1 <= x.last;
  }

  /** The signal as it was at the end of stage `load`. */
  #register(x: Signal, load: number): Signal {
    const copies = this.#copies.get(viewOf(x)) ?? [];
    this.#copies.set(viewOf(x), copies);
    const known = copies.find((copy) => copy.stage === load + 1);
    if (known !== undefined) return known;
    const enable = this.interval === 1 || x.chunk ? [] : [this.token(load).id];
    const base = this.cells[x.id].name.replace(/_d\d+$/, '');
    const at = { stage: load + 1, level: 0 };
    const id = this.push({ op: 'reg', reset: false }, [x.id, ...enable], at, x, `${base}_d${load + 1}`);
    const last = x.chunk ? load + 1 : load + this.interval;
    const copy = { id, lo: x.lo, hi: x.hi, ...at, last, chunk: x.chunk };
    copies.push(copy);
    return copy;
  }
}

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
export function viewOf(x: Signal): string {
  return `${x.id} ${x.stage}${x.chunk ? ' c' : ''}`;
}
