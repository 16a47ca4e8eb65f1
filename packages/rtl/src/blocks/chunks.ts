import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { hullOf } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import type { ElementRange } from './block.ts';
import type { DenseChunks, DenseSignals } from './value.ts';

/** Whether elements that share wires have their binary point at the same place. */
export function sameScale(ranges: readonly ElementRange[], { elements }: DenseChunks): boolean {
  const scales = new Map<number, number>();
  return ranges.every((range, e) => {
    if (isConstant(range)) return true;
    const place = e % elements.length;
    const f = scales.get(place) ?? range.f;
    scales.set(place, f);
    return f === range.f;
  });
}

/** The value whose parts these signals are. */
export function fromParts(
  b: ModuleBuilder,
  outputs: readonly Signal[],
  { phases, perClock }: Pick<DenseChunks, 'phases' | 'perClock'>,
  own: readonly ElementRange[],
): DenseSignals {
  const elements = outputs.map((y, e) => {
    const sharing = own.filter((_, j) => j % outputs.length === e);
    return sharing.length === 0 ? b.constant(0) : b.narrow(y, hullOf(sharing));
  });
  const chunks = { phases, perClock, elements };
  return { kind: 'dense', chunks, elements: elementsOf(b, chunks, own.length).map((y, j) => b.narrow(y, own[j])) };
}

/** The elements of a tensor that comes in parts, as image signals. */
function elementsOf(b: ModuleBuilder, { perClock, elements }: DenseChunks, count: number): Signal[] {
  return Array.from({ length: count }, (_, j) => {
    const size = elements.length / perClock;
    const row = Math.floor(j / size);
    const x = elements[(row % perClock) * size + (j % size)];
    return b.phase(x, Math.floor(row / perClock));
  });
}
