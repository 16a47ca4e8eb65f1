import type { Memory } from '../memory/memory.ts';
import { type Room, reals } from '../memory/room.ts';

/** Numbers of a batch between two operations, and their gradient. They are `values / divisor`: averages stay exact until quantised. */
export interface Buffer {
  readonly values: Room<Float64Array>;
  readonly gradient: Room<Float64Array>;
  divisor: number;
}

/** An empty buffer. */
export function buffer(memory: Memory): Buffer {
  return { values: reals(memory), gradient: reals(memory), divisor: 1 };
}

/** Makes room for `count` numbers. */
export function reserve({ values, gradient }: Buffer, count: number): void {
  values.reserve(count);
  gradient.reserve(count);
}
