import type { Memory } from '../memory/memory.ts';
import { type Room, reals } from '../memory/room.ts';

const tables = new WeakMap<Memory, Room<Float64Array>>();

/** `2^e` for `e` from −1100 (0) to 1100 (∞), once per memory. */
export function powersOfTwo(memory: Memory): Room<Float64Array> {
  const known = tables.get(memory);
  if (known !== undefined) return known;
  const table = reals(memory, 2201);
  for (let e = -1100; e <= 1100; e++) table.view[e + 1100] = 2 ** e;
  tables.set(memory, table);
  return table;
}
