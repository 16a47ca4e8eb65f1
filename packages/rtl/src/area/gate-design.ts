import { RtlError } from '../errors.ts';
import type { RtlModule } from '../hdl/cell.ts';
import { isState, outputPins } from './lut-levels.ts';
import type { Net, NetCell, Netlist } from './netlist.ts';

/** A cell of the mapped design without hierarchy: its pins are wires, numbered. */
export interface Gate {
  readonly type: string;
  readonly parameters: NetCell['parameters'];
  readonly pins: Readonly<Record<string, readonly number[]>>;
}

/** A mapped design without hierarchy. */
export interface GateDesign {
  readonly wires: number;
  readonly gates: readonly Gate[];
  /** Wires of the ports of the top module, lowest bit first. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Wires of the ports of the instances in the top module, by instance and port. */
  readonly instances: ReadonlyMap<string, Readonly<Record<string, readonly number[]>>>;
}

/** The wires that are always 0 and always 1. */
export const LOW = 0;
export const HIGH = 1;

/** Replaces every instance of a module by its mapped cells. */
export function flattenNetlists(
  top: string,
  netlists: ReadonlyMap<string, Netlist>,
  modules: ReadonlyMap<string, RtlModule>,
): GateDesign {
  // Ports join wires of parent and child, which may be constants or lead straight through: sets of wires that are one.
  const parents = [LOW, HIGH];
  const rootOf = (wire: number): number => {
    let root = wire;
    while (parents[root] !== root) root = parents[root];
    for (let at = wire; parents[at] !== root; ) [at, parents[at]] = [parents[at], root];
    return root;
  };
  const join = (a: number, b: number): void => {
    const [p, q] = [rootOf(a), rootOf(b)];
    // Constants stay the roots of their sets.
    if (p !== q) parents[Math.max(p, q)] = Math.min(p, q);
  };
  const cells: { cell: NetCell; of: (net: Net) => number }[] = [];
  const instances = new Map<string, Readonly<Record<string, readonly number[]>>>();
  const place = (netlist: Netlist, depth: number): ((net: Net) => number) => {
    const own = new Map<number, number>();
    const of = (net: Net): number => {
      if (typeof net !== 'number') return net === '1' ? HIGH : LOW;
      let wire = own.get(net);
      if (wire === undefined) {
        wire = parents.push(parents.length) - 1;
        own.set(net, wire);
      }
      return wire;
    };
    for (const cell of netlist.cells) {
      if (!modules.has(cell.type)) {
        cells.push({ cell, of });
        continue;
      }
      const child = netlists.get(cell.type);
      if (child === undefined) throw new RtlError(`module ${netlist.name}: no netlist of ${cell.type}`);
      const inner = place(child, depth + 1);
      for (const [pin, nets] of Object.entries(cell.pins)) {
        const ports = child.inputs[pin] ?? child.outputs[pin] ?? [];
        nets.forEach((net, bit) => {
          if (bit < ports.length) join(of(net), inner(ports[bit]));
        });
      }
      if (depth === 0) instances.set(cell.name, mapped(cell.pins, of));
    }
    return of;
  };
  const mapped = (
    ports: Readonly<Record<string, readonly Net[]>>,
    of: (net: Net) => number,
  ): Record<string, readonly number[]> =>
    Object.fromEntries(Object.entries(ports).map(([name, nets]) => [name, nets.map(of)]));
  const netlist = netlists.get(top);
  if (netlist === undefined) throw new RtlError(`no netlist of ${top}`);
  const of = place(netlist, 0);
  const [inputs, outputs] = [mapped(netlist.inputs, of), mapped(netlist.outputs, of)];
  const settled = (ports: Readonly<Record<string, readonly number[]>>): Record<string, readonly number[]> =>
    Object.fromEntries(Object.entries(ports).map(([name, wires]) => [name, wires.map(rootOf)]));
  // Wires inside a block get their numbers here.
  const gates = cells.map(({ cell, of: wire }) => ({
    type: cell.type,
    parameters: cell.parameters,
    pins: settled(mapped(cell.pins, wire)),
  }));
  return {
    wires: parents.length,
    gates: sorted(gates),
    inputs: settled(inputs),
    outputs: settled(outputs),
    instances: new Map([...instances].map(([name, pins]) => [name, settled(pins)])),
  };
}

/** Registers first, then logic in the order in which it can be computed. */
function sorted(gates: readonly Gate[]): Gate[] {
  const state = gates.filter(({ type }) => isState(type));
  const logic = gates.filter(({ type }) => !isState(type));
  const driver = new Map<number, number>();
  const outs = logic.map((gate) => outputPins({ ...gate, name: '' }, new Map()));
  logic.forEach(({ pins }, g) => {
    for (const pin of outs[g]) for (const wire of pins[pin] ?? []) driver.set(wire, g);
  });
  const needs = logic.map(({ pins }, g) => [
    ...new Set(
      Object.entries(pins).flatMap(([pin, wires]) =>
        outs[g].includes(pin) ? [] : wires.flatMap((wire) => driver.get(wire) ?? []),
      ),
    ),
  ]);
  const readers: number[][] = logic.map(() => []);
  needs.forEach((list, g) => {
    for (const other of list) readers[other].push(g);
  });
  const missing = needs.map((list) => list.length);
  const order = missing.flatMap((count, g) => (count === 0 ? [g] : []));
  for (const g of order) for (const reader of readers[g]) if (--missing[reader] === 0) order.push(reader);
  if (order.length < logic.length) throw new RtlError('the mapped logic has a loop');
  return [...state, ...order.map((g) => logic[g])];
}
