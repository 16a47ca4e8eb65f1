/** Designs with one thing broken: what must not pass. */
import type { Cell, RtlModule } from '../../src/hdl/cell.ts';
import type { RtlPlan } from '../../src/index.ts';

/** The plan with a cell of a module changed. */
export function withCell(plan: RtlPlan, module: string, id: number, change: (cell: Cell) => Cell): RtlPlan {
  const modules = plan.design.modules.map((one): RtlModule => {
    if (one.name !== module) return one;
    return { ...one, cells: one.cells.map((cell, at) => (at === id ? change(cell) : cell)) };
  });
  return { ...plan, design: { modules } };
}

/** All adders and subtractors of a module. */
export function addersOf(plan: RtlPlan, module: string): number[] {
  const { cells } = plan.design.modules.find(({ name }) => name === module)!;
  return cells.flatMap(({ op }, id) => (op === 'add' || op === 'sub' ? [id] : []));
}

/** The plan with `valid` one clock late. */
export function lateValid(plan: RtlPlan): RtlPlan {
  const top = plan.design.modules[plan.design.modules.length - 1];
  const { cell } = top.outputs.find(({ name }) => name === 'valid')!;
  const id = top.cells.length;
  const late: Cell = { op: 'reg', reset: true, width: 1, signed: false, name: 'late', ins: [cell], stage: 0, level: 0 };
  const outputs = top.outputs.map((port) => (port.name === 'valid' ? { name: 'valid', cell: id } : port));
  const changed = { ...top, cells: [...top.cells, late], outputs };
  return { ...plan, design: { modules: [...plan.design.modules.slice(0, -1), changed] } };
}
