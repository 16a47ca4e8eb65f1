/** Writes a module cell by cell: words, logic, phases, and instances of other modules. */
import type { Port } from './cell.ts';
import { identifier } from './identifier.ts';
import type { Made } from './library.ts';
import { Phases } from './phases.ts';
import { ALWAYS } from './placed-cells.ts';
import { BIT, hullOf, type Range } from './range.ts';
import { isConstant, type Signal } from './signal.ts';

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

/** A module that is being written. */
export class ModuleBuilder extends Phases {
  readonly #inputs: Port[] = [];

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
    const id = this.push({ op: 'port' }, [], time, range, name);
    this.#inputs.push({ name: this.cells[id].name, cell: id });
    const signal = { id, lo: range.lo, hi: range.hi, ...time };
    return signal;
  }

  /** The finished module. */
  finish(name: string, comment: readonly string[], outputs: readonly Signal[], names: readonly string[] = []): Made {
    const cells = this.cells;
    const ports = outputs.flatMap((output, j): Port[] =>
      isConstant(output) ? [] : [{ name: this.freeName(names[j] ?? `y${j}`), cell: output.id }],
    );
    const clocked = cells.some(
      (cell) =>
        cell.op === 'reg' ||
        (cell.op === 'instance' && this.library.modules.some((m) => m.name === cell.module && m.clocked)),
    );
    const go = this.start === undefined ? {} : { go: this.start };
    return { module: { name, comment, cells, inputs: this.#inputs, outputs: ports, ...go, clocked }, outputs };
  }

  /** An instance of a module and its outputs. */
  #results({ module, outputs }: Made, ins: readonly number[], base: number): Signal[] {
    const time = { stage: base, level: 0 };
    const instance = this.push({ op: 'instance', module: module.name }, ins, time, BIT, `${module.name}_i`);
    let port = 0;
    return outputs.map((output) => {
      if (isConstant(output)) return this.constant(output.lo);
      const { lo, hi, level, last, chunk } = output;
      const stage = output.stage + base;
      const { name } = module.outputs[port];
      const id = this.push({ op: 'result', port: port++ }, [instance], { stage, level }, output, name);
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
}

type LocalPort = { readonly value: bigint } | Signal;
/** Whether a port gets nothing but constants, though different ones. */
function isTimeless({ last }: Signal): boolean {
  return last === Number.POSITIVE_INFINITY;
}
