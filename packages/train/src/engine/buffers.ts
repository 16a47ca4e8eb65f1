import { roomFor } from './site-batch.ts';

/** Numbers of a batch between two operations, and their gradient. They are `values / divisor`: averages stay exact until quantised. */
export interface Buffer {
  values: Float64Array;
  gradient: Float64Array;
  divisor: number;
}

/** An empty buffer. */
export function buffer(): Buffer {
  return { values: new Float64Array(0), gradient: new Float64Array(0), divisor: 1 };
}

/** Makes room for `count` numbers. */
export function reserve(target: Buffer, count: number): void {
  if (target.values.length >= count) return;
  target.values = new Float64Array(roomFor(count));
  target.gradient = new Float64Array(target.values.length);
}

/** Memory for one array of reals that grows with the batch. */
export interface Scratch {
  reals: Float64Array;
  ints: Int32Array;
}

/** Empty memory. */
export function scratch(): Scratch {
  return { reals: new Float64Array(0), ints: new Int32Array(0) };
}

/** `count` reals. */
export function realsOf(memory: Scratch, count: number): Float64Array {
  if (memory.reals.length < count) memory.reals = new Float64Array(roomFor(count));
  return memory.reals;
}

/** `count` integers. */
export function intsOf(memory: Scratch, count: number): Int32Array {
  if (memory.ints.length < count) memory.ints = new Int32Array(roomFor(count));
  return memory.ints;
}
