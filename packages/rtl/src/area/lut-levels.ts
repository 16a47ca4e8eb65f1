import type { RtlModule } from '../hdl/cell.ts';
import type { Net, NetCell, Netlist } from './netlist.ts';

/** Output pins of the cells; of an instance all pins that are no inputs of its module. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  CARRY4: ['O', 'CO'],
  FDRE: ['Q'],
  FDSE: ['Q'],
  SRL16E: ['Q'],
  SRLC32E: ['Q', 'Q31'],
  SP_DSP: ['P'],
};

/** Whether a cell gives what it took in the clock before. */
export function isState(type: string): boolean {
  return type === 'FDRE' || type === 'FDSE' || type.startsWith('SRL');
}

/** Output pins of a cell of the library, or of an instance of a module. */
export function outputPins({ type }: NetCell, modules: ReadonlyMap<string, RtlModule>): readonly string[] {
  return modules.get(type)?.outputs.map(({ name }) => name) ?? OUTPUTS[type] ?? ['O'];
}

/**
 * Most LUT levels between two registers of a mapped block, with what comes in at its ports, and out of the modules in it, as late as
 * the plan says. LUTs take a level; carry chains, whose adders have a LUT in front of each, none.
 */
export function lutLevels(
  netlist: Netlist,
  module: RtlModule,
  modules: ReadonlyMap<string, RtlModule>,
  levelsPerStage: number,
): number {
  const arrival = new Map<Net, number>();
  for (const { name, cell } of module.inputs) {
    for (const net of netlist.inputs[name] ?? []) arrival.set(net, module.cells[cell].level);
  }
  const results = new Map<string, number>();
  const instances = new Map<number, string>();
  module.cells.forEach((cell, id) => {
    if (cell.op === 'instance') instances.set(id, cell.name);
    if (cell.op === 'result') {
      const child = modules.get((module.cells[cell.ins[0]] as { module: string }).module)!;
      results.set(`${instances.get(cell.ins[0])} ${child.outputs[cell.port].name}`, cell.level);
    }
  });
  const driver = new Map<Net, NetCell>();
  for (const cell of netlist.cells) {
    const child = modules.has(cell.type);
    for (const pin of outputPins(cell, modules)) {
      for (const net of cell.pins[pin] ?? []) {
        if (isState(cell.type)) arrival.set(net, 0);
        else if (child) arrival.set(net, results.get(`${cell.name} ${pin}`) ?? 0);
        // A product takes a stage.
        else if (cell.type === 'SP_DSP') arrival.set(net, levelsPerStage);
        else driver.set(net, cell);
      }
    }
  }
  // Depth first, without recursion: chains of carries are long.
  const at = (start: Net): number => {
    const open: Net[] = [start];
    while (open.length > 0) {
      const net = open[open.length - 1];
      const cell = driver.get(net);
      if (cell === undefined || arrival.has(net)) {
        open.pop();
        continue;
      }
      const outs = outputPins(cell, modules);
      const ins = Object.entries(cell.pins).flatMap(([pin, nets]) => (outs.includes(pin) ? [] : nets));
      const missing = ins.filter((other) => driver.has(other) && !arrival.has(other));
      if (missing.length > 0) {
        for (const other of missing) open.push(other);
        continue;
      }
      const latest = Math.max(0, ...ins.map((other) => arrival.get(other) ?? 0));
      const value = latest + (cell.type === 'CARRY4' ? 0 : 1);
      for (const pin of outs) for (const out of cell.pins[pin] ?? []) arrival.set(out, value);
      open.pop();
    }
    return arrival.get(start) ?? 0;
  };
  const ends = netlist.cells.flatMap((cell) => (isState(cell.type) ? Object.values(cell.pins).flat() : []));
  for (const nets of Object.values(netlist.outputs)) ends.push(...nets);
  return ends.reduce((most: number, net) => Math.max(most, at(net)), 0);
}
