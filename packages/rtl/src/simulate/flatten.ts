import { RtlError } from '../errors.ts';
import type { Cell, Design, RtlModule } from '../hdl/cell.ts';

/** A cell of the flattened design; `ins` are slots: one per wire that has a driver. */
export interface FlatCell {
  readonly cell: Cell;
  readonly slot: number;
  readonly ins: readonly number[];
  /** Types of the inputs' wires. */
  readonly types: readonly { readonly width: number; readonly signed: boolean }[];
}

/** A design without hierarchy. */
export interface FlatDesign {
  readonly slots: number;
  /** Cells other than registers, in the order in which they can be computed; and the registers. */
  readonly logic: readonly FlatCell[];
  readonly registers: readonly FlatCell[];
  /** Type of every slot. */
  readonly types: readonly { readonly width: number; readonly signed: boolean }[];
  /** Slot of every cell of the top module; −1 for instances. */
  readonly top: readonly number[];
}

/** Replaces every instance by what is in it. Ports vanish: they are the wires that they connect. */
export function flatten({ modules }: Design): FlatDesign {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const logic: FlatCell[] = [];
  const registers: FlatCell[] = [];
  const types: { width: number; signed: boolean }[] = [];
  const newSlot = ({ width, signed }: Cell): number => types.push({ width, signed }) - 1;

  const inline = (module: RtlModule, ports: readonly number[] | undefined): number[] => {
    const slots = new Array<number>(module.cells.length).fill(-1);
    const results = new Map<number, readonly number[]>();
    const inputs = module.go === undefined ? module.inputs : [...module.inputs, { name: 'go', cell: module.go }];
    inputs.forEach(({ cell }, j) => {
      slots[cell] = ports === undefined ? newSlot(module.cells[cell]) : ports[j];
    });
    // Registers may read later cells: they get their slots before anything reads or writes.
    module.cells.forEach((cell, id) => {
      if (cell.op === 'reg') slots[id] = newSlot(cell);
    });
    module.cells.forEach((cell, id) => {
      if (cell.op === 'port' || cell.op === 'reg') return;
      if (cell.op === 'instance') {
        const child = byName.get(cell.module);
        if (child === undefined) throw new RtlError(`module "${module.name}": no module "${cell.module}"`);
        const inner = inline(
          child,
          cell.ins.map((at) => slots[at]),
        );
        results.set(
          id,
          child.outputs.map((port) => inner[port.cell]),
        );
      } else if (cell.op === 'result') {
        slots[id] = results.get(cell.ins[0])![cell.port];
      } else {
        slots[id] = newSlot(cell);
        logic.push(flat(cell, slots[id], slots, module.cells));
      }
    });
    module.cells.forEach((cell, id) => {
      if (cell.op === 'reg') registers.push(flat(cell, slots[id], slots, module.cells));
    });
    return slots;
  };
  const flat = (cell: Cell, slot: number, slots: readonly number[], cells: readonly Cell[]): FlatCell => {
    // A port may be wider than the wire that it is: what reads it reads all of it.
    return { cell, slot, ins: cell.ins.map((at) => slots[at]), types: cell.ins.map((at) => cells[at]) };
  };

  const top = inline(modules[modules.length - 1], undefined);
  return { slots: types.length, logic, registers, types, top };
}
