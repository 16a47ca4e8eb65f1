import type { SlotOrder } from './value.ts';

/** Slots that can stand `y` rows below and `x` columns right of slot `o`. */
export function candidates(o: number, y: number, x: number, slots: number, order: SlotOrder): number[] {
  const earlier = Array.from({ length: o }, (_, s) => s);
  const later = Array.from({ length: slots - o - 1 }, (_, s) => o + 1 + s);
  if (y !== 0) return y < 0 ? earlier : later;
  if (order === 'rows') return [...earlier, ...later];
  return x < 0 ? earlier.slice(Math.max(0, o + x)) : later.slice(0, x);
}
