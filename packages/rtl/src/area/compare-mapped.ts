import { RtlError } from '../errors.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { flatten } from '../simulate/flatten.ts';
import { Machine } from '../simulate/machine.ts';
import { batchOf, type CodeInputs, drive } from '../simulate/stimulus.ts';
import { flattenNetlists } from './gate-design.ts';
import { GateMachine, STREAMS } from './gate-machine.ts';
import type { Netlist } from './netlist.ts';

/** Mismatches of one block of the top module. */
export interface MappedRow {
  /** Name of the instance, or `outputs` for the ports of the top module. */
  readonly block: string;
  readonly module: string;
  /** Bits compared, over all clocks and streams of images. */
  readonly compared: number;
  readonly mismatches: number;
}

/** What `compareMapped` found. */
export interface MappedComparison {
  readonly rows: readonly MappedRow[];
  readonly compared: number;
  readonly mismatches: number;
  /** Cells of the mapped design. */
  readonly cells: number;
}

/**
 * Runs images through the mapped design (LUTs, carry chains, registers) and through the word-level hardware, clock by clock, and compares every bit
 * of every block's outputs in every clock, once the first image has passed.
 *
 * @param netlists of all modules, from `synthesise(plan, { netlists: true })`
 * @param inputs images as codes by input name; they are dealt to 32 streams
 * @throws RtlError when a netlist is missing
 */
export function compareMapped(
  plan: RtlPlan,
  netlists: ReadonlyMap<string, Netlist>,
  inputs: CodeInputs,
): MappedComparison {
  const { design, latency } = plan;
  const { interval } = plan.options;
  const top = design.modules[design.modules.length - 1];
  const mapped = flattenNetlists(top.name, netlists, new Map(design.modules.map((module) => [module.name, module])));
  const flat = flatten(design);
  const batch = batchOf(plan, inputs);
  const each = Math.ceil(batch / STREAMS);
  if (each < 1) throw new RtlError('no images to compare with');
  // Registers start with ones here and there; one image per stream goes ahead to replace them.
  const warm = 1 + latency + 2 * interval;
  const starts = [1, ...Array.from({ length: each }, (_, j) => warm + j * interval)];
  const clocks = warm + each * interval + latency + 1;

  // What is watched: ports of the instances in the top module, and its own.
  const watched: { block: string; module: string; slot: number; wires: readonly number[] }[] = [];
  top.cells.forEach((cell, id) => {
    if (cell.op !== 'result') return;
    const instance = top.cells[cell.ins[0]];
    if (instance.op !== 'instance') return;
    const module = design.modules.find(({ name }) => name === instance.module)!;
    const wires = mapped.instances.get(instance.name)?.[module.outputs[cell.port].name];
    // What nothing reads is not connected.
    if (wires !== undefined) watched.push({ block: instance.name, module: module.name, slot: flat.top[id], wires });
  });
  for (const { name, cell } of top.outputs) {
    watched.push({ block: 'outputs', module: top.name, slot: flat.top[cell], wires: mapped.outputs[name] });
  }
  const bits = watched.reduce((sum, { wires }) => sum + wires.length, 0);

  const ports = [...top.inputs, { name: 'go', cell: top.go! }];
  const portBits = ports.reduce((sum, { cell }) => sum + top.cells[cell].width, 0);
  const expected = new Int32Array(clocks * bits);
  const stimulus = new Int32Array(clocks * portBits);
  const machine = new Machine(flat);
  for (let stream = 0; stream < STREAMS; stream++) {
    machine.fill(flat);
    const image = (nth: number): number => (stream * each + Math.max(0, nth - 1)) % batch;
    for (let clock = 0; clock < clocks; clock++) {
      const nth = starts.findLastIndex((start) => start <= clock);
      const words = drive(plan, inputs, nth < 0 ? 0 : image(nth), nth < 0 ? -1 : clock - starts[nth]);
      let at = clock * portBits;
      for (const { name, cell } of ports) {
        const word = words.get(name)!;
        machine.set(flat.top[cell], word);
        for (let bit = 0; bit < top.cells[cell].width; bit++, at++) {
          if ((word >> BigInt(bit)) & 1n) stimulus[at] |= 1 << stream;
        }
      }
      machine.settle();
      at = clock * bits;
      for (const { slot, wires } of watched) {
        const word = machine.get(slot);
        for (let bit = 0; bit < wires.length; bit++, at++) if ((word >> BigInt(bit)) & 1n) expected[at] |= 1 << stream;
      }
      machine.tick();
    }
  }

  const gates = new GateMachine(mapped);
  const rows = new Map<string, { block: string; module: string; compared: number; mismatches: number }>();
  const reset = mapped.inputs['rst'] ?? [];
  for (let clock = 0; clock < clocks; clock++) {
    for (const wire of reset) gates.set(wire, clock === 0 ? -1 : 0);
    let at = clock * portBits;
    for (const { name, cell } of ports) {
      const wires = mapped.inputs[name];
      for (let bit = 0; bit < top.cells[cell].width; bit++, at++) gates.set(wires[bit], stimulus[at]);
    }
    gates.settle();
    at = clock * bits;
    for (const { block, module, wires } of watched) {
      const row = rows.get(block) ?? { block, module, compared: 0, mismatches: 0 };
      rows.set(block, row);
      for (const wire of wires) {
        if (clock >= warm) {
          row.compared += STREAMS;
          let wrong = gates.get(wire) ^ expected[at];
          for (; wrong !== 0; wrong &= wrong - 1) row.mismatches++;
        }
        at++;
      }
    }
    gates.tick();
  }
  const list = [...rows.values()];
  return {
    rows: list,
    compared: list.reduce((sum, { compared }) => sum + compared, 0),
    mismatches: list.reduce((sum, { mismatches }) => sum + mismatches, 0),
    cells: mapped.gates.length,
  };
}
