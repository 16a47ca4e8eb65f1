import type { ModuleBuilder } from '../hdl/module-builder.ts';
import type { Gated, Lanes, Slot } from './value.ts';

/** The slots of a list as image signals, whose codes come from lanes that compute them in turn. */
export function viewsOf(b: ModuleBuilder, places: readonly Slot[], { phases, slots: lanes }: Lanes): Slot[] {
  return places.map(({ valid, row, col }, s): Slot => {
    const phase = s % phases;
    const { codes, gated } = lanes[Math.floor(s / phases)];
    const view = (code: Gated): Gated => {
      return { ...code, gate: b.phase(code.gate, phase), value: b.phase(code.value, phase) };
    };
    return {
      valid,
      row,
      col,
      codes: codes.map((code) => b.phase(code, phase)),
      ...(gated === undefined ? {} : { gated: gated.map(view) }),
    };
  });
}
