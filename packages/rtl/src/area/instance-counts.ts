import type { Design } from '../hdl/cell.ts';

/** How often every module is there in a design; the top once. */
export function instanceCounts({ modules }: Design): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([[modules[modules.length - 1].name, 1]]);
  // Parents come after their children.
  for (const { name, cells } of modules.toReversed()) {
    const own = counts.get(name) ?? 0;
    for (const cell of cells) {
      if (cell.op === 'instance') counts.set(cell.module, (counts.get(cell.module) ?? 0) + own);
    }
  }
  return counts;
}
